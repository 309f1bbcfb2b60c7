// Sets the variable that the stack obeys, for this program only: nothing on the machine changes.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

std::optional<Offer> offer(const facts::Finding& finding, const facts::Facts& facts) {
  if (finding.change.set.empty()) return std::nullopt;
  Offer out{{}, finding.change};
  const facts::Process* process = facts.process(finding.pid);
  if (process != nullptr && process->at_secure) {
    // The program would not obey it: first its set-id bits or capabilities have to go.
    out.fix.title = "Drop the set-id bits and file capabilities, then the variable counts";
    out.fix.command = "chmod ug-s " + process->exe + "; setcap -r " + process->exe;
    return out;
  }
  out.fix.title = "Tell this program where the store is";
  out.fix.command = with_environment(finding.change, facts.target.command);
  return out;
}

}  // namespace

const Remedy kEnv{"env", "set SSL_CERT_FILE or SSL_CERT_DIR for the program", offer};

}  // namespace tlswhy::fix
