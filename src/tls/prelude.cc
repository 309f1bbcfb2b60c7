#include "tls/prelude.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace tlswhy::tls {
namespace {

// SSLRequest: length 8, code 80877103 (PostgreSQL manual, "Message Formats").
constexpr std::array<std::uint8_t, 8> kPostgres{0, 0, 0, 8, 4, 210, 22, 47};
constexpr std::string_view kLdapStartTls = "1.3.6.1.4.1.1466.20037";

bool has(const std::string& text, std::string_view word) {
  const auto same = [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

}  // namespace

std::string name_prelude(bytes::View client) {
  const std::string text(client.begin(), client.end());
  if (text.starts_with("CONNECT ")) {
    const std::size_t end = std::min(text.find(' ', 8), text.size());
    return "CONNECT " + base::printable(text.substr(8, end - 8), 256);
  }
  constexpr std::string_view kProxy2("\r\n\r\n\0\r\nQUIT\n", 12);
  if (text.starts_with("PROXY ") || text.starts_with(kProxy2)) return "PROXY header";
  if (client.size() >= 8 && client[0] == 0x12 && client[1] <= 1) return "PRELOGIN (TDS)";
  if (client.size() >= kPostgres.size() && std::equal(kPostgres.begin(), kPostgres.end(), client.begin())) return "SSLRequest (PostgreSQL)";
  if (text.find(kLdapStartTls) != std::string::npos) return "StartTLS (LDAP)";
  if (has(text, "URN:IETF:PARAMS:XML:NS:XMPP-TLS")) return "STARTTLS (XMPP)";
  if (has(text, "STLS")) return "STLS (POP3)";
  if (has(text, "STARTTLS")) return has(text, "EHLO") || has(text, "HELO") || has(text, "LHLO") ? "STARTTLS (SMTP)" : "STARTTLS (IMAP)";
  if (has(text, "AUTH TLS")) return "AUTH TLS (FTP)";
  // SSLRequest of MySQL is a handshake response cut off behind its 32 bytes, sequence number 1.
  if (client.size() >= 36 && client[0] == 32 && client[1] == 0 && client[2] == 0 && client[3] == 1) return "SSLRequest (MySQL)";
  return "";
}

// A proxy grants with 2xx (RFC 9110 §9.3.6), PostgreSQL refuses with 'N', mail and FTP servers with 4xx and 5xx.
std::optional<ClearText> refused_prelude(const std::string& name, bytes::View reply) {
  ClearText said = name_clear_text(reply);
  const std::string_view text(reinterpret_cast<const char*>(reply.data()), reply.size());
  if (name.starts_with("CONNECT ")) {
    constexpr std::size_t kStatus = 9;  // after "HTTP/1.1 "
    const bool granted = said.protocol != "HTTP" || text.size() <= kStatus || text[kStatus] == '2' || text[kStatus] == '1';
    return granted ? std::nullopt : std::optional(said);
  }
  if (name == "SSLRequest (PostgreSQL)" && text == "N") return ClearText{"PostgreSQL", "N"};
  const bool numbered = text.size() > 4 && (text[0] == '4' || text[0] == '5') && text[3] == ' ';
  if (numbered && (name == "STARTTLS (SMTP)" || name == "AUTH TLS (FTP)")) return ClearText{name == "AUTH TLS (FTP)" ? "FTP" : "SMTP", said.text};
  return std::nullopt;
}

}  // namespace tlswhy::tls
