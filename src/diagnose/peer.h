#pragma once
// A peer named on the command line: its addresses, and what it sends when asked.

#include <string>
#include <vector>

#include "base/result.h"
#include "facts/recording.h"
#include "x509/peer_probe.h"

namespace tlswhy::diagnose {

struct Peer {
  std::string name;  // as given: a host name or an address
  unsigned port = 443;
  std::string servername;  // SNI, "" for addresses
  std::string starttls;    // protocol, "" for none
  std::vector<std::string> addresses;
};

// Splits "host", "host:port", "[v6]:port" and looks the name up. kUsage, or kNotFound with the resolver's reason.
base::Result<Peer> find_peer(const std::string& text, const std::string& servername, const std::string& starttls);

// One handshake with the first address that answers, offering `version` only (0: all). As a recorded handshake with
// result "ok" and the chain as sent; the error when no chain was had.
base::Result<facts::RecordedHandshake> ask(const Peer& peer, std::uint16_t version);

// What it says to a ClientHello that is no TLS, as a handshake that failed. kNotFound where it says nothing of the kind.
base::Result<facts::RecordedHandshake> ask_in_clear(const Peer& peer);

}  // namespace tlswhy::diagnose
