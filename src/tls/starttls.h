#pragma once
// The client's side of asking a server to begin TLS: SMTP (RFC 3207), IMAP and POP3 (RFC 2595), FTP (RFC 4217), XMPP
// (RFC 6120 §5), LDAP (RFC 4511 §4.14), PostgreSQL (manual, "SSL Session Encryption").

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlswhy::tls {

// "smtp", "imap", "pop3", "ftp", "xmpp", "ldap", "postgres".
std::span<const std::string_view> starttls_protocols();

// Talks to the server behind `socket` (connected, blocking, with time-outs) until it is ready for a ClientHello. `name`:
// the server's name, for protocols that send it. kUsage for an unknown protocol, kTimeout, kUnsupported with the
// server's answer when it refuses.
base::Result<void> start_tls(int socket, std::string_view protocol, const std::string& name);

}  // namespace tlswhy::tls
