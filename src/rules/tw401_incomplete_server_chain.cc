#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW401";
constexpr std::string_view kName = "incomplete_server_chain";
constexpr auto kReasons = kForWantOfAnchor;

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const facts::Certificate* top = top_of(shake);
  if (top == nullptr || top->self_issued) return Silent{};
  if (shake.found_issuers.empty() && !left_out_issuer(shake)) return Silent{};
  if (shake.anchor && std::ranges::any_of(shake.anchor->places, &facts::AnchorPlace::holds_anchor)) return Silent{};
  // Somebody has it as an anchor, if only where this process does not look.
  if (std::ranges::any_of(one.stack.sources, [](const facts::Source& source) { return source.holds_anchor.value_or(false); })) return Silent{};
  Fires out{fmt::format("{} does not send the intermediate certificate that issued {}: {}", shake.peer, top->subject, top->issuer), {}};
  out.evidence.push_back({fmt::format("the peer sent {} certificate{}, and the last one's issuer is not among them", shake.chain.size(),
                                      shake.chain.size() == 1 ? "" : "s"),
                          "", "", shake.chain_from});
  for (const facts::FoundIssuer& issuer : shake.found_issuers) {
    out.evidence.push_back({fmt::format("the missing {} was found", issuer.certificate.subject), issuer.from, "", "probe"});
    out.change.edits.push_back({findings::EditKind::kAddIntermediate, issuer.certificate.subject, issuer.certificate.der});
  }
  if (shake.found_issuers.empty() && !top->aia.empty())
    out.evidence.push_back({"the certificate says where its issuer is to be had; it could not be fetched", top->aia.front(), "", shake.chain_from});
  if (shake.anchor && !shake.anchor->related.empty())
    out.evidence.push_back({"an anchor here belongs to the same organisation: " + shake.anchor->related, "", "", "model"});
  add_common(one, out.evidence);
  return out;
}

}  // namespace

const Rule kTw401IncompleteServerChain{kCode,
                                       kName,
                                       "the peer does not send an intermediate certificate",
                                       R"(What it means
  A server has to send its certificate and every intermediate up to, but without, the root. Without one, clients that do
  not know it already can't build the chain. Browsers often can (they keep or fetch intermediates), so it "works there".

How it is seen
  The issuer of the last certificate that was sent is neither among those sent nor an anchor. It was found on this machine
  or at the address in the certificate (caIssuers); or the leaf came alone, and names such an address or is of the
  organisation of an anchor here.

What proves it
  The same chain, with the intermediate after it, passes in the same library.

What to do
  Have the server send its whole chain (for nginx, certificate and intermediates in one file; for others, "fullchain").
  Until then a client can trust the intermediate by its own setting.
)",
                                       kReasons,
                                       judge};

}  // namespace tlswhy::rules
