// Takes a variable away that leads astray.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  if (!finding.change.has(EditKind::kUnsetVariable)) return std::nullopt;
  return Offer{"Run without the variable, so that the built-in default counts again", finding.change};
}

}  // namespace

const Remedy kUnset{"unset", "remove a variable that points to a bad store", offer};

}  // namespace tlswhy::fix
