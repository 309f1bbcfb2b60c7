#pragma once
// TLS as it crosses the wire in clear text: records (RFC 8446 §5.1), handshake messages (§4), alerts (§6).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/cursor.h"
#include "tls/keylog.h"

namespace tlswhy::tls {

enum class ContentType : std::uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23 };

// What a ClientHello says that matters for trust.
struct ClientHello {
  std::string servername;             // SNI (RFC 6066 §3), "" for none
  std::vector<std::string> versions;  // newest first as sent
  Random random{};
  std::vector<std::uint16_t> ciphers, groups, signatures;  // as sent, without GREASE (RFC 8701)
  std::vector<std::string> alpn;                           // application protocols (RFC 7301)
};

struct ServerHello {
  std::string version;  // the chosen one, supported_versions counted (RFC 8446 §4.2.1)
  bool retry = false;   // HelloRetryRequest
  Random random{};
  std::uint16_t suite = 0;
  std::string alpn;  // the chosen protocol, "" for none; TLS 1.3 says it in the EncryptedExtensions
};

// A server's request for the client's certificate: the names of the authorities that it takes, each as the DER of a Name.
using Authorities = std::vector<std::vector<std::uint8_t>>;

// "TLSv1.2" for 0x0303; "0x1234" for unknown or GREASE values.
std::string version_name(std::uint16_t version);

// The registered name of an alert code ("unknown_ca"), "alert N" if there is none (IANA TLS Alerts).
std::string alert_name(std::uint8_t code);

// True if `data` starts like a TLS record with a ClientHello.
bool starts_client_hello(bytes::View data);

// Bodies of handshake messages, without their four byte header. kMalformed with the offset.
base::Result<ClientHello> parse_client_hello(bytes::View body);
base::Result<ServerHello> parse_server_hello(bytes::View body);
// Certificate of TLS 1.2 and below (RFC 5246 §7.4.2): the DER of each, leaf first; 100 at most.
base::Result<std::vector<std::vector<std::uint8_t>>> parse_certificate(bytes::View body);
// Certificate of TLS 1.3 (RFC 8446 §4.4.2): the same, with extensions between that are passed over.
base::Result<std::vector<std::vector<std::uint8_t>>> parse_certificate13(bytes::View body);
// CertificateRequest of TLS 1.2 (RFC 5246 §7.4.4) and 1.3 (RFC 8446 §4.3.2): the authorities, 100 at most.
base::Result<Authorities> parse_certificate_request(bytes::View body, bool version13);
// EncryptedExtensions (RFC 8446 §4.3.1): the application protocol, "" for none.
base::Result<std::string> parse_encrypted_extensions(bytes::View body);

}  // namespace tlswhy::tls
