// Sets the variable that the stack obeys, for this program only: nothing on the machine changes.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts& facts) {
  if (!finding.change.has(EditKind::kSetVariable) && !finding.change.has(EditKind::kSetOption)) return std::nullopt;
  const facts::Process* process = facts.process(finding.pid);
  const findings::Edit* variable = finding.change.find(EditKind::kSetVariable);
  if (variable != nullptr && variable->target == "OPENSSL_CONF") return Offer{"Run without the machine's OpenSSL configuration", finding.change};
  if (process == nullptr || !process->at_secure) return Offer{"Tell this program where the store is", finding.change};
  // The program would not obey it: first its set-id bits or capabilities have to go.
  Offer out{"Drop the set-id bits and file capabilities, then the variable counts", finding.change};
  if (!out.change.has(EditKind::kDropPrivileges)) out.change.edits.insert(out.change.edits.begin(), {EditKind::kDropPrivileges, process->exe, ""});
  return out;
}

}  // namespace

const Remedy kEnv{"env", "set the variable or the option that the program's TLS stack reads", offer};

}  // namespace tlswhy::fix
