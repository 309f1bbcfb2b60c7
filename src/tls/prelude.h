#pragma once
// What went over a connection before TLS began on it: a proxy's CONNECT (RFC 9110 §9.3.6) or a protocol's own request to
// start TLS (RFC 3207, 2595, 6120, 4511, the PostgreSQL and MySQL manuals).

#include <string>

#include "bytes/cursor.h"

namespace tlswhy::tls {

// Names it by what the client said: "CONNECT host:443", "STARTTLS (SMTP)", …; "" when it is none of them.
std::string name_prelude(bytes::View client);

}  // namespace tlswhy::tls
