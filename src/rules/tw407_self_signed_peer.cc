#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW407";
constexpr std::string_view kName = "self_signed_peer";
constexpr auto kReasons = kForWantOfAnchor;

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  if (shake.chain.size() != 1 || !shake.chain.front().self_issued) return Silent{};
  const facts::Certificate& leaf = shake.chain.front();
  const bool known = shake.anchor && std::ranges::any_of(shake.anchor->places, &facts::AnchorPlace::holds_anchor);
  if (known) return Silent{};
  Fires out{fmt::format("{} sends a self-signed certificate, which no store of this machine holds: {}", shake.peer, leaf.subject), {}};
  out.evidence.push_back({"the chain is this one certificate, and its issuer is itself", "", "", shake.chain_from});
  out.evidence.push_back({"its SHA-256 is " + leaf.sha256, "", "", shake.chain_from});
  add_common(one, out.evidence);
  out.change = with_top_as_anchor(shake);
  return out;
}

}  // namespace

const Rule kTw407SelfSignedPeer{kCode,
                                kName,
                                "the peer sends one self-signed certificate, which is no anchor here",
                                R"(What it means
  The peer vouches for itself: one certificate, issued by itself, that no trust store of this machine holds. Often a
  server's default certificate, a device, or a service that was set up for a test.

How it is seen
  The chain has one certificate, its subject is its issuer, and it is in no known store here.

What proves it
  The same chain passes in the same library with just this certificate trusted.

What to do
  Give the peer a certificate of an authority that its clients trust. Or, when you know that this is the right one (compare
  its SHA-256 at the peer), trust this certificate by the program's own setting.
)",
                                kReasons,
                                judge};

}  // namespace tlswhy::rules
