// Takes a variable away that leads astray.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  const bool option = finding.change.has(EditKind::kUnsetOption);
  if (!option && !finding.change.has(EditKind::kUnsetVariable)) return std::nullopt;
  return Offer{option ? "Run without the option, so that the built-in default counts again"
                      : "Run without the variable, so that the built-in default counts again",
               finding.change};
}

}  // namespace

const Remedy kUnset{"unset", "leave out a variable or an option that points to a bad store", offer};

}  // namespace tlswhy::fix
