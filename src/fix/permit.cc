// Opens the store for the user of the process: trust anchors are public.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  if (!finding.change.has(EditKind::kSetMode)) return std::nullopt;
  return Offer{"Let everybody read the store: trust anchors are public", finding.change};
}

}  // namespace

const Remedy kPermit{"permit", "give the process the right to read its store", offer};

}  // namespace tlswhy::fix
