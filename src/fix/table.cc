#include <array>

#include "base/text.h"
#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

constexpr std::array kRemedies{&kEnv, &kUnset, &kRehash, &kRelink, &kPermit, &kRestart};

}  // namespace

std::vector<Offer> offers_for(const facts::Finding& finding, const facts::Facts& facts) {
  std::vector<Offer> out;
  for (const Remedy* remedy : kRemedies) {
    auto offer = remedy->offer(finding, facts);
    if (!offer) continue;
    offer->fix.id = remedy->id;
    out.push_back(std::move(*offer));
  }
  return out;
}

std::string with_environment(const facts::Change& change, const std::vector<std::string>& command) {
  std::string out;
  if (!change.unset.empty()) out = "env";
  for (const std::string& name : change.unset) out += " -u " + name;
  for (const auto& [name, value] : change.set) out += (out.empty() ? "" : " ") + name + "=" + base::shell_quote(value);
  for (const std::string& word : command) out += (out.empty() ? "" : " ") + base::shell_quote(word);
  return out;
}

}  // namespace tlswhy::fix
