#include <fmt/format.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "rules/rule.h"

namespace tlswhy::cli {
namespace {

findings::Cause cause_of(const rules::Rule& rule) {
  return {std::string(rule.code), std::string(rule.name), std::string(rule.summary), std::string(rule.explanation)};
}

base::Result<findings::Report> explain(const std::string& code) {
  const rules::Rule* rule = rules::find_rule(code);
  if (rule == nullptr) return base::fail(base::Code::kUsage, fmt::format("no code '{}' (`tlswhy codes` lists them)", code));
  findings::Report report;
  report.kind = facts::Kind::kExplain;
  report.outcome = "ok";
  report.causes.push_back(cause_of(*rule));
  return report;
}

}  // namespace

int explain_command(const std::vector<std::string>& arguments) {
  Arguments parser("Tells what a code means, how it is seen, what proves it and what to do.", "tlswhy explain");
  Options options;
  std::string code;
  parser.common(options);
  parser.add("CODE", code, "a code such as TW101").required();
  if (const auto status = parser.parse(arguments)) return *status;
  return deliver(explain(code), options);
}

int codes_command(const std::vector<std::string>& arguments) {
  Arguments parser("Lists the causes that tlswhy knows, by code.", "tlswhy codes");
  Options options;
  parser.common(options);
  if (const auto status = parser.parse(arguments)) return *status;
  findings::Report report;
  report.kind = facts::Kind::kCodes;
  report.outcome = "ok";
  for (const rules::Rule* rule : rules::catalogue()) report.causes.push_back(cause_of(*rule));
  std::ranges::sort(report.causes, {}, &findings::Cause::code);
  return deliver(report, options);
}

}  // namespace tlswhy::cli
