// Takes a variable away that leads astray.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

std::optional<Offer> offer(const facts::Finding& finding, const facts::Facts& facts) {
  if (finding.change.unset.empty()) return std::nullopt;
  Offer out{{}, finding.change};
  out.fix.title = "Run without the variable, so that the built-in default counts again";
  out.fix.command = with_environment(finding.change, facts.target.command);
  return out;
}

}  // namespace

const Remedy kUnset{"unset", "remove a variable that points to a bad store", offer};

}  // namespace tlswhy::fix
