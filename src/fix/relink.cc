// Points a broken link of the library's store to the machine's store.

#include <algorithm>

#include "base/text.h"
#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

std::optional<Offer> offer(const facts::Finding& finding, const facts::Facts&) {
  if (finding.code != "TW104" || finding.change.copy_anchor_from.empty()) return std::nullopt;
  const auto broken = std::ranges::find_if(finding.evidence, [](const facts::Evidence& one) {
    return one.text.find("dangling_link") != std::string::npos && one.text.find("file: ") != std::string::npos;
  });
  if (broken == finding.evidence.end()) return std::nullopt;
  Offer out{{}, finding.change};
  out.fix.title = "Point the broken link to the store of this machine";
  out.fix.command = "ln -sfn " + base::shell_quote(finding.change.copy_anchor_from) + " " + base::shell_quote(broken->path);
  return out;
}

}  // namespace

const Remedy kRelink{"link", "point a broken link to the machine's store", offer};

}  // namespace tlswhy::fix
