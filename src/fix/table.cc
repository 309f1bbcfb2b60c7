#include <array>

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

constexpr std::array kRemedies{&kEnv, &kUnset, &kRehash, &kRelink, &kPermit, &kBundle, &kInstall, &kRestart, &kClock, &kObtain};

}  // namespace

std::vector<findings::Fix> offers_for(const findings::Finding& finding, const facts::Facts& facts) {
  std::vector<findings::Fix> out;
  for (const Remedy* remedy : kRemedies) {
    auto offer = remedy->offer(finding, facts);
    if (!offer) continue;
    const facts::Process* process = facts.process(finding.pid);
    // What concerns the process alone is said of its own command.
    const bool own = finding.change.has(findings::EditKind::kFreshProcess) || finding.change.has(findings::EditKind::kSetOption) ||
                     finding.change.has(findings::EditKind::kUnsetOption);
    const bool itself = own && process != nullptr;
    findings::Fix fix;
    fix.id = remedy->id;
    fix.title = std::move(offer->title);
    fix.command = !offer->command.empty() ? offer->command : command_for(offer->change, itself ? process->command : facts.target.command);
    fix.change = std::move(offer->change);
    out.push_back(std::move(fix));
  }
  return out;
}

}  // namespace tlswhy::fix
