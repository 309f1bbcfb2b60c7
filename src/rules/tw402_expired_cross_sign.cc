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

constexpr std::string_view kCode = "TW402";
constexpr std::string_view kName = "expired_cross_sign";
constexpr std::array kReasons{facts::Reason::kExpired};

// An issuer that was sent and is out of date: where its name has a valid certificate in a store, a path without it is good.
const facts::Certificate* expired_issuer(const Case& one) {
  const auto& chain = one.handshake->chain;
  const auto hit = std::ranges::find_if(chain.begin() + 1, chain.end(), [&](const auto& each) { return each.not_after < one.facts.observed_at; });
  return hit == chain.end() ? nullptr : &*hit;
}

bool all_valid(const Case& one) {
  return std::ranges::all_of(one.handshake->chain,
                             [&](const auto& each) { return each.not_before <= one.facts.observed_at && one.facts.observed_at <= each.not_after; });
}

// The chain is in date, and the anchor that it leads to is not.
Outcome about_anchor_out_of_date(const Case& one, const facts::NearAnchor& old) {
  const facts::Certificate& anchor = old.certificate;
  Fires out{
      fmt::format("the anchor {} in {} ended on {}; the chain of {} leads there", anchor.subject, old.path, anchor.not_after, one.handshake->peer),
      {}};
  for (const facts::NearAnchor& each : one.handshake->anchor->out_of_date)
    out.evidence.push_back(
        {fmt::format("{} was valid from {} to {}", each.certificate.subject, each.certificate.not_before, each.certificate.not_after), each.path, "",
         "model"});
  out.evidence.push_back({"every certificate that the peer sent is in date", "", "", one.handshake->chain_from});
  // Its last moment, if all that was sent was valid then; else dates don't count.
  const auto end = base::seconds_of(anchor.not_after);
  const std::string last = end ? base::time_text(*end - 1) : "";
  const std::string start = std::ranges::max_element(one.handshake->chain, {}, &facts::Certificate::not_before)->not_before;
  out.change.edits.push_back({findings::EditKind::kTime, "", start <= last ? last : "unchecked"});
  return out;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || one.handshake->chain.empty() || one.facts.observed_at.empty()) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  if (shake.anchor && !shake.anchor->out_of_date.empty() && all_valid(one)) return about_anchor_out_of_date(one, shake.anchor->out_of_date.front());
  const facts::Certificate* expired = shake.chain.size() > 1 ? expired_issuer(one) : nullptr;
  if (expired == nullptr || shake.chain.front().not_after < one.facts.observed_at) return Silent{};
  Fires out{fmt::format("{} takes the path through {}, which ended on {}, and not the one without it", who(one.process), expired->subject,
                        expired->not_after),
            {}};
  out.evidence.push_back(
      {fmt::format("the peer sent {}, issued by {}, valid to {}", expired->subject, expired->issuer, expired->not_after), "", "", shake.chain_from});
  out.evidence.push_back(built_for(one.stack));
  out.change.edits.push_back({findings::EditKind::kDropCertificate, expired->subject, expired->der});
  return out;
}

}  // namespace

const Rule kTw402ExpiredCrossSign{kCode,
                                  kName,
                                  "the chain leads through an expired root or cross-signed certificate",
                                  R"(What it means
  The peer's own certificate is in date, but the path that the client builds ends in a root that is not, or leads through a
  cross-signed certificate that is not. Old path builders take the first issuer that fits and never try another one.

How it is seen
  The client refused the chain as expired; the leaf is in date; the anchor in the store, or an issuer that was sent, is not.

What proves it
  The same chain passes in the same library when the expired certificate is not sent, or at the last moment of the anchor.

What to do
  Update the store of this machine, so that it has the renewed root, and remove the old one. Let the server leave out the
  cross-signed certificate. Update a library that tries one path only (OpenSSL before 1.1.0).
)",
                                  kReasons,
                                  judge};

}  // namespace tlswhy::rules
