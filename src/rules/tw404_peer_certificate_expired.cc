#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW404";
constexpr std::string_view kName = "peer_certificate_expired";
constexpr std::array kReasons{facts::Reason::kExpired, facts::Reason::kNotYetValid};

// Of those that are out of date at `now`, the one that ended or begins first; null: none is.
const facts::Certificate* out_of_date(const facts::Handshake& handshake, const std::string& now) {
  const auto wrong = [&](const facts::Certificate& one) { return one.not_after < now || now < one.not_before; };
  const auto hit = std::ranges::find_if(handshake.chain, wrong);
  return hit == handshake.chain.end() ? nullptr : &*hit;
}

std::string latest_start(const facts::Handshake& handshake) {
  return std::ranges::max_element(handshake.chain, {}, &facts::Certificate::not_before)->not_before;
}

// A moment at which every certificate that was sent was valid: the last second of the first to end. Where there was none, dates don't count.
std::string good_moment(const facts::Handshake& handshake) {
  const auto end = base::seconds_of(std::ranges::min_element(handshake.chain, {}, &facts::Certificate::not_after)->not_after);
  const std::string last = end ? base::time_text(*end - 1) : "";
  return latest_start(handshake) <= last ? last : "unchecked";
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  if (shake.chain.empty()) return Unknown{"whether the peer's certificate is out of date", "its chain was not seen"};
  const facts::Certificate* bad = out_of_date(shake, one.facts.observed_at);
  if (bad == nullptr) return Silent{};
  const char* part = bad == &shake.chain.front() ? "leaf" : "issuer";
  const bool ended = bad->not_after < one.facts.observed_at;
  Fires out{ended
                ? fmt::format("{} sent an expired certificate: its {} {} ended on {}", shake.peer, part, bad->subject, bad->not_after)
                : fmt::format("{} sent a certificate that is not valid yet: its {} {} begins on {}", shake.peer, part, bad->subject, bad->not_before),
            {}};
  out.evidence.push_back(
      {fmt::format("{} {} valid from {} to {}", bad->subject, ended ? "was" : "is", bad->not_before, bad->not_after), "", "", shake.chain_from});
  if (shake.verify) out.evidence.push_back(about_verdict(one));
  out.change.edits.push_back({findings::EditKind::kTime, "", good_moment(shake)});
  return out;
}

}  // namespace

const Rule kTw404PeerCertificateExpired{kCode,
                                        kName,
                                        "a certificate that the peer sends is out of date",
                                        R"(What it means
  The leaf, or an intermediate that the peer sends, has expired or is not valid yet. Every client with a right clock refuses it.

How it is seen
  The client refused the chain for its dates, and by this machine's clock a certificate of the chain that it was sent is out of date.

What proves it
  The same chain passes in the same library at the last moment at which all of it was valid, with nothing else changed.

What to do
  Renew the certificate at the peer, and let the server load it: a renewed file that no server has read again is common.
  If only this machine calls it out of date, look at its clock (TW405).
)",
                                        kReasons,
                                        judge};

}  // namespace tlswhy::rules
