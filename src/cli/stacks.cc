#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "stacks/stack.h"

namespace tlswhy::cli {
namespace {

const char* standing_text(stacks::Standing standing) {
  switch (standing) {
    case stacks::Standing::kChecked: return "checked against the real one";
    case stacks::Standing::kModelled: return "modelled, not checked";
    case stacks::Standing::kRecognised: return "recognised only";
  }
  return "";
}

}  // namespace

int stacks_command(const std::vector<std::string>& arguments) {
  Arguments parser("Lists the TLS stacks that tlswhy knows: names for --as, versions it tells apart, how well it knows them, what steers them.",
                   "tlswhy stacks");
  if (const auto status = parser.parse(arguments)) return *status;
  for (const stacks::Stack* row : stacks::stacks()) {
    fmt::print("{:<25} {:<26} {}\n", row->id, standing_text(row->standing), row->versions);
    fmt::print("{:26}{}\n", "", row->steered_by);
  }
  return kNothingWrong;
}

}  // namespace tlswhy::cli
