// A store that was read too early is read again by a fresh process.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  if (!finding.change.has(EditKind::kFreshProcess)) return std::nullopt;
  return Offer{"Start the program anew: it reads the store as it is now", finding.change};
}

}  // namespace

const Remedy kRestart{"restart", "start the program anew", offer};

}  // namespace tlswhy::fix
