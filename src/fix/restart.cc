// A store that was read too early is read again by a fresh process.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

std::optional<Offer> offer(const facts::Finding& finding, const facts::Facts& facts) {
  if (finding.code != "TW205") return std::nullopt;
  const facts::Process* process = facts.process(finding.pid);
  Offer out{{}, finding.change};
  out.fix.title = "Start the program anew: it reads the store as it is now";
  out.fix.command = process != nullptr ? with_environment({}, process->command) : "";
  return out;
}

}  // namespace

const Remedy kRestart{"restart", "start the program anew", offer};

}  // namespace tlswhy::fix
