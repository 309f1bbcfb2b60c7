#pragma once
// What went over a connection before TLS began on it: a proxy's CONNECT (RFC 9110 §9.3.6) or a protocol's own request to
// start TLS (RFC 3207, 2595, 6120, 4511, the PostgreSQL and MySQL manuals).

#include <optional>
#include <string>

#include "bytes/cursor.h"
#include "tls/clear_text.h"

namespace tlswhy::tls {

// Names it by what the client said: "CONNECT host:443", "STARTTLS (SMTP)", …; "" when it is none of them.
std::string name_prelude(bytes::View client);

// What the server said to that, where it refused: no TLS will follow. `name`: as above; `reply`: what came after the client's last words.
std::optional<ClearText> refused_prelude(const std::string& name, bytes::View reply);

}  // namespace tlswhy::tls
