#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "stacks/stack.h"

namespace tlswhy::cli {
namespace {

const char* standing_word(stacks::Standing standing) {
  switch (standing) {
    case stacks::Standing::kChecked: return "checked";
    case stacks::Standing::kModelled: return "modelled";
    case stacks::Standing::kRecognised: return "recognised";
  }
  return "";
}

}  // namespace

int stacks_command(const std::vector<std::string>& arguments) {
  Arguments parser("Lists the TLS stacks that tlswhy knows: names for --as, versions it tells apart, how well it knows them, what steers them.",
                   "tlswhy stacks");
  Options options;
  parser.common(options);
  if (const auto status = parser.parse(arguments)) return *status;
  findings::Report report;
  report.kind = facts::Kind::kStacks;
  report.outcome = "ok";
  for (const stacks::Stack* row : stacks::stacks())
    report.known_stacks.push_back({std::string(row->id), standing_word(row->standing), std::string(row->versions), std::string(row->steered_by)});
  return deliver(report, options);
}

}  // namespace tlswhy::cli
