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
};

struct ServerHello {
  std::string version;  // the chosen one, supported_versions counted (RFC 8446 §4.2.1)
  bool retry = false;   // HelloRetryRequest
  Random random{};
  std::uint16_t suite = 0;
};

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

}  // namespace tlswhy::tls
