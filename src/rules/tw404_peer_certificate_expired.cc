#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/time.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW404";
constexpr std::string_view kName = "peer_certificate_expired";
constexpr std::array kReasons{facts::Reason::kExpired};

// The one that runs out first: the stack says that one has, and of those that were sent it can be no other.
const facts::Certificate& first_to_end(const facts::Handshake& handshake) {
  return *std::ranges::min_element(handshake.chain, {}, &facts::Certificate::not_after);
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  if (shake.chain.empty()) return Unknown{"whether the peer's certificate has expired", "its chain was not seen"};
  const facts::Certificate& expired = first_to_end(shake);
  const bool leaf = &expired == &shake.chain.front();
  const std::string latest_start = std::ranges::max_element(shake.chain, {}, &facts::Certificate::not_before)->not_before;
  Fires out{
      fmt::format("{} sent an expired certificate: its {} {} ended on {}", shake.peer, leaf ? "leaf" : "issuer", expired.subject, expired.not_after),
      {}};
  out.evidence.push_back(
      {fmt::format("{} was valid from {} to {}", expired.subject, expired.not_before, expired.not_after), "", "", shake.chain_from});
  if (shake.verify) out.evidence.push_back({"the client's library said: " + shake.verify->text, one.stack.path, "", shake.verify->seen_by});
  // A time at which every certificate that was sent was valid: the last second of the first to end. Where there was none, dates don't count.
  const auto end = base::seconds_of(expired.not_after);
  const std::string last = end ? base::time_text(*end - 1) : "";
  out.change.edits.push_back({findings::EditKind::kTime, "", latest_start <= last ? last : "unchecked"});
  return out;
}

}  // namespace

const Rule kTw404PeerCertificateExpired{kCode,
                                        kName,
                                        "a certificate that the peer sends is out of date",
                                        R"(What it means
  The leaf, or an intermediate that the peer sends, is out of date. Every client with a right clock refuses it.

How it is seen
  The client refused the chain as expired, and the dates of the chain that it was sent are shown.

What proves it
  The same chain passes in the same library at the last moment at which all of it was valid, with nothing else changed.

What to do
  Renew the certificate at the peer, and let the server load it: a renewed file that no server has read again is common.
  If only this machine calls it expired, look at its clock.
)",
                                        kReasons,
                                        judge};

}  // namespace tlswhy::rules
