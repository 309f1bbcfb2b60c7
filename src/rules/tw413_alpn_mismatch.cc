#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW413";
constexpr std::string_view kName = "alpn_mismatch";
constexpr std::array kReasons{facts::Reason::kProtocol};
constexpr int kNoApplicationProtocol = 120;

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || one.handshake->alpn_offered.empty()) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const std::string offered = base::join(shake.alpn_offered, ", ");
  const bool alerted = shake.alert && shake.alert->code == kNoApplicationProtocol;
  const facts::HelloProbe* probe = probe_of(shake, "the same application protocols");
  if (!alerted && !shake.unused) return Silent{};
  if (!alerted && shake.verify && shake.verify->reason != facts::Reason::kAccepted) return Silent{};
  const std::string chosen = !shake.alpn.empty() ? shake.alpn : probe != nullptr && probe->answered ? probe->answer : "no application protocol";
  Fires out{alerted ? fmt::format("{} and the client have no application protocol in common: the client offers {}", peer_name(shake), offered)
                    : fmt::format("the client insists on {}, and {} chose {}", offered, peer_name(shake), chosen),
            {}};
  out.evidence.push_back({"offered by ALPN: " + offered, "", "", "wire"});
  if (alerted)
    out.evidence.push_back({fmt::format("the {} ended the handshake with alert 120 (no_application_protocol)", shake.alert->sender), "", "", "wire"});
  else
    out.evidence.push_back({"the handshake was completed, and the client left without sending anything", "", "", "wire"});
  if (probe != nullptr) out.evidence.push_back({"asked with the same application protocols, the server chose: " + probe->answer, "", "", "probe"});
  if (const facts::HelloProbe* without = probe_of(shake, "no application protocols")) {
    out.evidence.push_back({"asked with no application protocols, the server answered: " + without->answer, "", "", "probe"});
    if (alerted && without->answered) out.proof = proof_by(*without, "alert 120 (no_application_protocol)");
  }
  return out;
}

}  // namespace

const Rule kTw413AlpnMismatch{kCode,
                              kName,
                              "client and server have no application protocol in common (ALPN)",
                              R"(What it means
  In its hello a client lists the protocols that it can speak inside TLS (ALPN: h2, http/1.1, …). The server knows none of
  them, or chose none, and the client insists on one: gRPC and HTTP/2 clients need h2, direct PostgreSQL needs postgresql.

How it is seen
  Alert 120 (no_application_protocol); or a finished handshake that the client left at once, on which the server chose none of
  the only protocol that was offered.

What proves it
  The server takes the same hello without the list.

What to do
  Turn the protocol on at the server (HTTP/2, gRPC), or at what ends TLS before it; or have the client offer what the server
  speaks (--http1.1 and --no-alpn of curl, the client's list of protocols).
)",
                              kReasons,
                              judge};

}  // namespace tlswhy::rules
