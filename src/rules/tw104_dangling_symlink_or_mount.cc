#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW104";
constexpr std::string_view kName = "dangling_symlink_or_mount";

// The broken file goes before a broken directory, for which a directory would be wanted.
const facts::Source& to_mend(const std::vector<const facts::Source*>& dangling, const facts::AnchorPlace& place) {
  const std::string wanted = place.directory ? "directory" : "file";
  const auto hit = std::ranges::find_if(dangling, [&](const auto* source) { return source->what == wanted; });
  return hit == dangling.end() ? *dangling.front() : **hit;
}

Outcome judge(const Case& one) {
  const auto dangling = with_status(one, "dangling_link");
  const auto sources = effective(one);
  const bool any_good = std::ranges::any_of(sources, [](const auto* source) { return source->status == "ok"; });
  if (dangling.empty() || any_good) return Silent{};
  // Debian's openssl package always brings the link cert.pem: with its directory there and only the file absent, what
  // is missing is the store itself (TW103).
  if (!machine_has_store(one) && std::ranges::none_of(dangling, [](const auto* source) { return target_directory_gone(*source); })) return Silent{};
  Fires out{fmt::format("{} finds no trust anchors: {} is a link into a place that is not there", who(one.process), dangling.front()->path), {}};
  add_common(one, out.evidence);
  const auto* place = usable_place(one);
  if (place == nullptr && one.facts.offered_store && one.facts.offered_store->anchors > 0) place = &*one.facts.offered_store;
  if (place != nullptr) out.change.edits.push_back({findings::EditKind::kMakeLink, to_mend(dangling, *place).path, place->path});
  if (out.change.empty() && one.handshake != nullptr) out.change = with_top_as_anchor(*one.handshake);
  return out;
}

}  // namespace

const Rule kTw104DanglingSymlinkOrMount{kCode,
                                        kName,
                                        "the store is a link into a place that is not there",
                                        R"(What it means
  The library's file or directory exists as a link, but what it points to is gone: not mounted in this
  container, removed by an upgrade, or hidden by another mount.

How it is seen
  The look-up follows at least one link and then ends with ENOENT (or ELOOP), in the mount namespace and root
  of the process; each hop is shown. In a hashed directory: the names are there, their targets are not.

What proves it
  The same chain in the same library passes with a copy of the store in place of the broken link.

What to do
  Mount or restore the target; in images copy the files and not the links (cp -L, COPY of the target).
)",
                                        kForWantOfAnchor,
                                        judge};

}  // namespace tlswhy::rules
