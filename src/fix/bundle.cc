// Writes a bundle anew, without what can't be read.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  if (!finding.change.has(EditKind::kRepairBundle)) return std::nullopt;
  return Offer{"Write the bundle anew with the certificates that can be read", finding.change};
}

}  // namespace

const Remedy kBundle{"bundle", "write a bundle anew, without what can't be read", offer};

}  // namespace tlswhy::fix
