// Makes a link: in the place of a broken one to the store of this machine, or by the name that is looked for.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  if (!finding.change.has(EditKind::kMakeLink)) return std::nullopt;
  return Offer{"Make the link that the library looks for", finding.change};
}

}  // namespace

const Remedy kRelink{"link", "make the link that the library looks for", offer};

}  // namespace tlswhy::fix
