// Gives an anchor that lies on this machine to the distribution's own tool, or has that make a store again.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "fix/remedies.h"
#include "store/source_folders.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

const facts::NearAnchor* uninstalled(const findings::Finding& finding, const facts::Facts& facts) {
  if (finding.handshakes.empty()) return nullptr;
  const auto& need = facts.handshakes[static_cast<std::size_t>(finding.handshakes.front())].anchor;
  const findings::Edit* edit = finding.change.find(EditKind::kAddAnchor);
  if (!need || edit == nullptr) return nullptr;
  const auto hit = std::ranges::find(need->uninstalled, edit->value, [](const auto& near) { return near.certificate.der; });
  return hit == need->uninstalled.end() ? nullptr : &*hit;
}

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts& facts) {
  if (!facts.distribution || facts.distribution->command.empty()) return std::nullopt;
  const facts::NearAnchor* near = uninstalled(finding, facts);
  if (near == nullptr) return std::nullopt;
  return Offer{fmt::format("Install the anchor with the distribution's own tool ({})", facts.distribution->command), finding.change,
               "tlswhy fix anchor " + base::shell_quote(near->path)};
}

}  // namespace

const Remedy kInstall{"install", "give an anchor to the distribution's own tool", offer};

}  // namespace tlswhy::fix
