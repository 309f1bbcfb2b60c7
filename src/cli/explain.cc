#include <fmt/format.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "rules/rule.h"

namespace tlswhy::cli {

int explain_command(const std::vector<std::string>& arguments) {
  Arguments parser("Tells what a code means, how it is seen, what proves it and what to do.", "tlswhy explain");
  std::string code;
  parser.add("CODE", code, "a code such as TW101").required();
  if (const auto status = parser.parse(arguments)) return *status;
  const rules::Rule* rule = rules::find_rule(code);
  if (rule == nullptr) {
    fmt::print(stderr, "tlswhy: no code '{}' (`tlswhy codes` lists them)\n", code);
    return kUsage;
  }
  fmt::print("{} {}: {}\n\n{}", rule->code, rule->name, rule->summary, rule->explanation);
  return kNothingWrong;
}

int codes_command(const std::vector<std::string>& arguments) {
  Arguments parser("Lists the causes that tlswhy knows, by code.", "tlswhy codes");
  if (const auto status = parser.parse(arguments)) return *status;
  std::vector<const rules::Rule*> rules(rules::catalogue().begin(), rules::catalogue().end());
  std::ranges::sort(rules, {}, [](const rules::Rule* rule) { return rule->code; });
  for (const rules::Rule* rule : rules) fmt::print("{}  {:<26}  {}\n", rule->code, rule->name, rule->summary);
  return kNothingWrong;
}

}  // namespace tlswhy::cli
