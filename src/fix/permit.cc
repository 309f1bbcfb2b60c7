// Opens the store for the user of the process: trust anchors are public.

#include <algorithm>

#include "base/text.h"
#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

std::optional<Offer> offer(const facts::Finding& finding, const facts::Facts& facts) {
  if (finding.code != "TW106" || finding.change.copy_anchor_from.empty()) return std::nullopt;
  const std::string& path = finding.change.copy_anchor_from;
  std::string refused = path;
  for (const facts::Stack& stack : facts.stacks)
    for (const facts::Source& source : stack.sources)
      if (stack.pid == finding.pid && source.path == path && !source.failed_at.empty()) refused = source.failed_at;
  Offer out{{}, finding.change};
  out.fix.title = "Let everybody read the store: trust anchors are public";
  // X: search permission for directories, not for files.
  out.fix.command = "chmod a+rX " + base::shell_quote(refused);
  return out;
}

}  // namespace

const Remedy kPermit{"permit", "give the process the right to read its store", offer};

}  // namespace tlswhy::fix
