#include <fmt/format.h>

#include <algorithm>

#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW302";
constexpr std::string_view kName = "bundle_lacks_public_root";

// As many as no company's own bundle has.
constexpr std::uint64_t kGeneral = 30;

bool is_general(const facts::Source* source) { return source->status == "ok" && (source->anchors >= kGeneral || source->kind == "bundled"); }

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->anchor || !one.handshake->anchor->public_name) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const auto sources = effective(one);
  const auto bundle = std::ranges::find_if(sources, is_general);
  const auto has_it = [](const auto* source) { return source->holds_anchor.value_or(false) || source->holds_unusable_anchor; };
  if (bundle == sources.end() || std::ranges::any_of(sources, has_it)) return Silent{};
  if (left_out_issuer(shake) || !shake.found_issuers.empty()) return Silent{};
  const std::string where = (*bundle)->path.empty() ? (*bundle)->detail : (*bundle)->path;
  Fires out{fmt::format("{} has a public store without the public root {}: {}", who(one.process), shake.anchor->subject, where), {}};
  out.evidence.push_back({fmt::format("{} is the name of a root of the public authorities", shake.anchor->subject), "", "", "model"});
  add_common(one, out.evidence);
  if (const auto* place = usable_place(one); place != nullptr) out.change = use_store(one, *place);
  if (out.change.empty()) out.change = with_top_as_anchor(shake);
  return out;
}

}  // namespace

const Rule kTw302BundleLacksPublicRoot{kCode,
                                       kName,
                                       "the store is fine and general, but this public root is not in it",
                                       R"(What it means
  The chain ends at a public authority, and the program's bundle of public roots does not have it: it is older than the root
  (an image or a package that was never rebuilt), was trimmed, or the root was taken out because it is no longer trusted.

How it is seen
  The issuer that the chain names is among the roots of Mozilla's list as of the build of tlswhy; the program's bundle has
  many anchors, and not that one.

What proves it
  The same chain passes in the same library with the root, or with the store of this machine that has it.

What to do
  Update the bundle: the ca-certificates package, certifi, the image. If the root was distrusted on purpose, the server needs
  a certificate of another authority.
)",
                                       kForWantOfAnchor,
                                       judge};

}  // namespace tlswhy::rules
