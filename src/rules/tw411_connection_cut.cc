#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/outcome.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW411";
constexpr std::string_view kName = "connection_cut";
constexpr std::array kReasons{facts::Reason::kProtocol};
constexpr std::uint64_t kSegment = 1400;  // what goes into one segment on nearly every way

std::string how(const facts::Handshake& shake) {
  if (shake.ended == facts::Ending::kReset) return "reset the connection";
  return shake.ended == facts::Ending::kFin ? "closed the connection" : "did not answer";
}

// "x25519, X25519MLKEM768", those with long keys alone.
std::string large_groups(const facts::Handshake& shake) {
  std::vector<std::string> out;
  for (const std::string& group : shake.groups)
    if (group.find("MLKEM") != std::string::npos || group.find("Kyber") != std::string::npos) out.push_back(group);
  return base::join(out, ", ");
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !facts::was_cut(*one.handshake)) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const facts::HelloProbe* same = probe_of(shake, "the same hello");
  // Slow once, or busy: nothing that stays.
  if (same != nullptr && same->answered && shake.ended == facts::Ending::kTimeout)
    return Unknown{fmt::format("why {} did not answer the ClientHello", shake.peer), "asked again with the same hello it answers"};
  Fires out{fmt::format("{} {} after the ClientHello", peer_name(shake), how(shake)), {}};
  const std::string large = large_groups(shake);
  out.evidence.push_back({fmt::format("not one byte of the peer came after the ClientHello of {} bytes; it {}", shake.hello_size, how(shake)), "",
                          shake.ended == facts::Ending::kReset ? "ECONNRESET" : "", "wire"});
  if (shake.hello_size > kSegment)
    out.evidence.push_back(
        {fmt::format("the hello takes more than one TCP segment{}", large.empty() ? "" : ": its key share for " + large + " is long"), "", "",
         "wire"});
  for (const facts::HelloProbe& probe : shake.hello_probes)
    out.evidence.push_back({fmt::format("asked with {}, the peer answered: {}", probe.changed, probe.answer), "", "", "probe"});
  if (same == nullptr || same->answered) return out;
  const facts::HelloProbe* smaller = probe_of(shake, "a smaller hello");
  const facts::HelloProbe* nameless = probe_of(shake, "no server name");
  if (smaller != nullptr && smaller->answered) {
    out.title += fmt::format(": it, or something on the way, can't take a hello of {} bytes{}", shake.hello_size,
                             large.empty() ? "" : fmt::format(" ({})", large));
    out.proof = proof_by(*smaller, same->answer);
  } else if (nameless != nullptr && nameless->answered) {
    out.title += fmt::format(": it, or something on the way, cuts off the name {}", shake.servername);
    out.proof = proof_by(*nameless, same->answer);
  }
  return out;
}

}  // namespace

const Rule kTw411ConnectionCut{kCode,
                               kName,
                               "the connection is reset, closed or left silent after the ClientHello",
                               R"(What it means
  The peer, or a firewall on the way, took the ClientHello and ended the connection without a byte, or never answered. Known
  causes: a middlebox that can't take a hello of more than one segment (post-quantum key shares such as X25519MLKEM768 are
  longer than a thousand bytes), a filter for the server's name (SNI), a server that is down after its load balancer, one that
  only lets known addresses in.

How it is seen
  No byte came after the ClientHello; who ended the connection, and how, is shown, with the hello's size and groups.

What proves it
  The same bytes are sent again, then without the long key shares, then without the server's name: where one of these passes,
  it is what was left out that the peer can't take.

What to do
  For the size: leave the post-quantum groups out (Groups = X25519:P-256 in openssl.cnf, GODEBUG=tlsmlkem=0 for Go,
  jdk.tls.namedGroups for Java) until the middlebox is mended. For the name: another name, or another way to the server.
  When everything is cut: ask the server's side, or try from elsewhere.
)",
                               kReasons,
                               judge};

}  // namespace tlswhy::rules
