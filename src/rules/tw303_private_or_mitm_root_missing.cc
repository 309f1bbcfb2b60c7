#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW303";
constexpr std::string_view kName = "private_or_mitm_root_missing";
constexpr auto kReasons = kForWantOfAnchor;

// Products that open TLS on the way and sign with a root of their own, by what their certificates say.
constexpr std::array<std::string_view, 14> kInterceptors{"Zscaler",   "Netskope",       "Fortinet", "FortiGate", "Palo Alto",
                                                         "Blue Coat", "Cisco Umbrella", "Sophos",   "Kaspersky", "Avast",
                                                         "mitmproxy", "Charles Proxy",  "Squid",    "Burp"};

std::string interceptor(const facts::Certificate& top) {
  const auto hit = std::ranges::find_if(kInterceptors, [&](std::string_view name) { return top.issuer.find(name) != std::string::npos; });
  return hit == kInterceptors.end() ? "" : std::string(*hit);
}

// The program has anchors, or the machine has, but not this one.
bool has_anchors(const Case& one) {
  if (one.handshake->anchors_loaded.value_or(0) > 0 || machine_has_store(one)) return true;
  return std::ranges::any_of(effective(one),
                             [](const auto* source) { return source->status == "ok" && (source->anchors > 0 || source->kind == "bundled"); });
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const facts::Certificate* top = top_of(shake);
  if (top == nullptr) return Unknown{"which anchor the chain of " + shake.peer + " needs", "the chain was not seen"};
  const bool held = shake.anchor && std::ranges::any_of(shake.anchor->places, &facts::AnchorPlace::holds_anchor);
  const bool alone = shake.chain.size() == 1 && top->self_issued;  // TW407
  if (held || alone || left_out_issuer(shake) || !shake.found_issuers.empty() || !has_anchors(one)) return Silent{};
  const std::string product = interceptor(*top);
  Fires out{fmt::format("the chain of {} ends in an authority that no store of this machine holds: {}{}", shake.peer, top->issuer,
                        product.empty() ? "" : ", the name of a product that intercepts TLS"),
            {}};
  out.evidence.push_back(
      {fmt::format("the last certificate on the way up is {}, issued by {}", top->subject, top->issuer), "", "", shake.chain_from});
  add_common(one, out.evidence);
  out.change = with_top_as_anchor(shake);
  return out;
}

}  // namespace

const Rule kTw303PrivateOrMitmRootMissing{kCode,
                                          kName,
                                          "the chain ends in an authority that no store of this machine holds",
                                          R"(What it means
  The chain is whole as far as it was sent, but ends in an authority that this machine does not know: an organisation's own
  CA, or a proxy that opens TLS on the way and signs with a root of its own.

How it is seen
  The program has anchors; the issuer of the last certificate on the way up is in none of the machine's stores.

What proves it
  The same chain passes in the same library when that last certificate is trusted: it lacks an anchor and nothing else.

What to do
  Get the root from whoever runs the authority, compare its fingerprint with them, and add it to the store of this machine
  (update-ca-certificates, update-ca-trust) and to programs that do not read that store, by their own setting.
)",
                                          kReasons,
                                          judge};

}  // namespace tlswhy::rules
