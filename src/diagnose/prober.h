#pragma once
// What a peer answers when tlswhy itself asks. All of it takes five seconds of a run at most.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "facts/facts.h"
#include "x509/peer_probe.h"

namespace tlswhy::diagnose {

using Chain = std::vector<std::vector<std::uint8_t>>;

// Asks each peer once.
class Prober {
 public:
  explicit Prober(bool allowed) : allowed_(allowed) {}

  // The chain that the wire did not show, and whom the peer asks for a certificate.
  Chain chain(facts::Handshake& handshake, std::vector<std::string>& unseen);
  // Sends the hello again that the peer cut off, as it was and with parts left out.
  void try_hellos(facts::Handshake& handshake, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen);
  // Sends it again without the application protocols, of which the peer takes none.
  void try_no_protocols(facts::Handshake& handshake, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen);
  // Libraries read no more than a record's head of what is no record: the rest of the peer's first line.
  void read_clear(facts::Handshake& handshake, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen);
  // Asks a peer that speaks another protocol to begin TLS in that protocol's way.
  void try_starttls(facts::Handshake& handshake, std::vector<std::string>& unseen);
  // What the peer takes of all that there is, where it refused the hello; which application protocol it chooses.
  void try_all(facts::Handshake& handshake, std::vector<std::string>& unseen);
  void try_protocols(facts::Handshake& handshake, std::vector<std::string>& unseen);

 private:
  // Milliseconds that are left, `most` at most; 0: the time is up, which is said.
  int time_left(int most, std::vector<std::string>& unseen);
  bool known(const facts::Handshake& handshake, const char* what, std::vector<facts::HelloProbe>& probes);
  void keep(const facts::Handshake& handshake, const char* what);
  bool send(facts::Handshake& handshake, const std::string& changed, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen);

  using Asked = std::chrono::milliseconds;
  bool allowed_, told_ = false;
  Asked spent_{0};
  std::map<std::string, base::Result<x509::ProbeAnswer>> asked_;
  std::map<std::string, std::vector<facts::HelloProbe>> probes_;
};

}  // namespace tlswhy::diagnose
