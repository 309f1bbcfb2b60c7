#pragma once
// One TLS handshake with a peer, only to see the chain it sends. Nothing is verified and nothing is sent
// after the handshake. The chain of a TLS 1.3 handshake is encrypted on the wire, so this is how it is had.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tlswhy::x509 {

// What to ask.
struct ProbeRequest {
  std::string address;  // "127.0.0.1" or "::1"; never a name: the very peer that was seen
  unsigned port = 0;
  std::string servername;              // SNI; empty for none
  int timeout_ms = 5000;               // for the connection and the whole handshake
  std::uint16_t version = 0;           // the only one to offer (0x0304), 0: all from TLS 1.0 on
  std::vector<std::string> alpn = {};  // application protocols to offer
  // What to say on the connection before TLS begins (STARTTLS); empty: nothing.
  std::function<base::Result<void>(int socket)> before = {};
};

struct ProbeAnswer {
  std::string version;                           // "TLSv1.3"
  std::vector<std::vector<std::uint8_t>> chain;  // DER as sent, leaf first
  std::uint16_t cipher = 0;                      // its registered number
  std::string group = {}, alpn = {};             // chosen; "" for none
  bool certificate_requested = false;            // of the client
  std::vector<std::string> authorities = {};     // subjects, that it has to be issued by
};

// Connects and shakes hands. kTimeout, kNotFound/kSystem (errno) or kMalformed with OpenSSL's reason.
base::Result<ProbeAnswer> probe_peer(const ProbeRequest& request);

// The ClientHello that a request with this server name, "" for none, begins with. kSystem with OpenSSL's reason.
base::Result<std::vector<std::uint8_t>> client_hello(const std::string& servername);

}  // namespace tlswhy::x509
