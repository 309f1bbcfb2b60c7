#include <fmt/format.h>

#include <algorithm>

#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW305";
constexpr std::string_view kName = "anchor_same_name_other_key";

// The namesake that the program reads; null: none.
const facts::NearAnchor* read_namesake(const Case& one) {
  const auto sources = effective(one);
  const auto& all = one.handshake->anchor->namesakes;
  const auto hit = std::ranges::find_if(all, [&](const facts::NearAnchor& near) {
    return std::ranges::any_of(sources, [&](const facts::Source* source) { return source->path == near.path && source->anchors > 0; });
  });
  return hit == all.end() ? nullptr : &*hit;
}

std::string key_of(const facts::Certificate& certificate) {
  return certificate.key_id.empty() ? "SHA-256 " + certificate.sha256 : "key identifier " + certificate.key_id;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->anchor) return Silent{};
  const facts::NearAnchor* near = read_namesake(one);
  const facts::Certificate* top = top_of(*one.handshake);
  const auto sources = effective(one);
  const bool held =
      std::ranges::any_of(sources, [](const auto* source) { return source->holds_anchor.value_or(false) || source->holds_unusable_anchor; });
  if (near == nullptr || top == nullptr || held) return Silent{};
  const facts::Certificate& old = near->certificate;
  Fires out{fmt::format("{} has an anchor by the wanted name with another key: {} in {}", who(one.process), old.subject, near->path), {}};
  out.evidence.push_back(
      {fmt::format("the anchor there is valid from {} to {}, {}, SHA-256 {}", old.not_before, old.not_after, key_of(old), old.sha256), near->path, "",
       "model"});
  const std::string wanted = top->issuer_key_id.empty() ? "its signature does not fit that key" : "it names the key identifier " + top->issuer_key_id;
  out.evidence.push_back(
      {fmt::format("{} was issued by {} on {}; {}", top->subject, top->issuer, top->not_before, wanted), "", "", one.handshake->chain_from});
  add_common(one, out.evidence);
  if (const auto* place = usable_place(one); place != nullptr) out.change = use_store(one, *place);
  if (out.change.empty()) out.change = with_top_as_anchor(*one.handshake);
  return out;
}

}  // namespace

const Rule kTw305AnchorSameNameOtherKey{kCode,
                                        kName,
                                        "an anchor of the wanted name is there, but its key did not sign",
                                        R"(What it means
  An authority was made anew under its old name: the store has the old root, and the chain was signed with the new key. A look
  at the names says that all is well; every verification says that no issuer was found, or that a signature is wrong.

How it is seen
  In a store that the program reads there is an anchor with the subject that the chain names as its issuer, and the signature
  on the chain is not by its key. The dates and key identifiers of both are shown.

What proves it
  The same chain passes in the same library with what it was really signed by.

What to do
  Get the new root from whoever runs the authority, compare its fingerprint with them, and put it in the place of the old
  one. Two anchors of one name may stand side by side as long as both are in use.
)",
                                        kForWantOfAnchor,
                                        judge};

}  // namespace tlswhy::rules
