// Sets the machine's clock by the network's, where it is the clock that is wrong.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  const findings::Edit* time = finding.change.find(EditKind::kTime);
  // Of a process that went by another time than the machine there is nothing to set here.
  if (finding.code != "TW405" || time == nullptr || time->value == findings::kNow || time->value == "unchecked") return std::nullopt;
  return Offer{"Set this machine's clock", finding.change, "timedatectl set-ntp true"};
}

}  // namespace

const Remedy kClock{"clock", "set the machine's clock", offer};

}  // namespace tlswhy::fix
