#pragma once
// Sends a ClientHello as it is and looks at the first thing that comes back. No handshake follows.

#include <cstdint>
#include <optional>
#include <string>

#include "bytes/cursor.h"
#include "tls/clear_text.h"

namespace tlswhy::tls {

struct HelloAnswer {
  bool answered = false;  // with a ServerHello
  // "TLSv1.3", "alert 40 (handshake_failure)", "ECONNRESET", "closed without a byte", "no answer", "clear text (HTTP)"
  std::string text;
  std::optional<ClearText> clear = {};  // what it said, where that is no TLS
};

// `address`: a literal one. All of it takes `timeout_ms` at most, however slowly the peer answers.
HelloAnswer send_hello(const std::string& address, unsigned port, bytes::View hello, int timeout_ms);

}  // namespace tlswhy::tls
