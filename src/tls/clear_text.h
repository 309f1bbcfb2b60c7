#pragma once
// What a server says that does not speak TLS: the first bytes of well-known protocols.

#include <string>

#include "bytes/cursor.h"

namespace tlswhy::tls {

struct ClearText {
  std::string protocol;  // "HTTP", "SSH", "SMTP", …; "" unknown
  std::string text;      // its first line, printable; "" where it has none
};

// Of the first bytes that a server sent, TLS or not.
ClearText name_clear_text(bytes::View server);

}  // namespace tlswhy::tls
