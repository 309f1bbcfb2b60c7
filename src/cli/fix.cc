// tlswhy fix REMEDY: one row for each.

#include "cli/fix.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "cli/command.h"
#include "cli/commands.h"

namespace tlswhy::cli {
namespace {

constexpr std::array kRemedies{&kFixEnv};

}  // namespace

int fix_command(const std::vector<std::string>& given) {
  std::vector<std::string> arguments = given;
  const std::vector<std::string> command = take_command(arguments);
  Arguments parser("Makes a program trust its peers: applies a remedy, or says what has to be set.", "tlswhy fix");
  std::vector<std::pair<const FixRemedy*, std::pair<const Arguments*, FixRemedy::Run>>> ready;
  for (const FixRemedy* remedy : kRemedies) {
    Arguments& part = parser.command(std::string(remedy->name), std::string(remedy->does));
    ready.push_back({remedy, {&part, remedy->set_up(part)}});
  }
  if (const auto status = parser.parse(arguments)) return *status;
  for (const auto& [remedy, made] : ready) {
    if (!made.first->given()) continue;
    if (command.empty() || remedy->takes_command) return made.second(command);
    return fmt::print(stderr, "tlswhy fix {}: takes no command\n", remedy->name), kUsage;
  }
  return kUsage;
}

}  // namespace tlswhy::cli
