#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "diagnose/diagnose.h"
#include "findings/json.h"
#include "host/files.h"
#include "host/self.h"
#include "rules/rule.h"

namespace tlswhy::cli {
namespace {

findings::Cause cause_of(const rules::Rule& rule) {
  return {std::string(rule.code), std::string(rule.name), std::string(rule.summary), std::string(rule.explanation)};
}

// A report that `--json` wrote. One that is about something else than what failed is shown as it is.
base::Result<findings::Report> saved(const std::string& path) {
  constexpr std::uint64_t kMaxReport = 256U << 20;
  TRY(bytes, host::read_following(host::RealFiles::machine(), host::real_path(path), kMaxReport));
  TRY(report, findings::from_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  using enum facts::Kind;
  const bool judged = report.kind == kRun || report.kind == kPid || report.kind == kHost || report.kind == kPcap;
  return judged ? diagnose::judge_again(report) : report;
}

base::Result<findings::Report> explain(const std::string& what) {
  const rules::Rule* rule = rules::find_rule(what);
  if (rule == nullptr && ::access(what.c_str(), F_OK) == 0) return saved(what);
  if (rule == nullptr)
    return base::fail(base::Code::kUsage, fmt::format("neither a code (`tlswhy codes` lists them) nor a saved report: {}", base::printable(what)));
  findings::Report report;
  report.kind = facts::Kind::kExplain;
  report.outcome = "ok";
  report.causes.push_back(cause_of(*rule));
  return report;
}

}  // namespace

int explain_command(const std::vector<std::string>& arguments) {
  Arguments parser("Tells what a code means, how it is seen, what proves it and what to do; or judges a saved report again.", "tlswhy explain");
  Options options;
  std::string what;
  parser.common(options);
  parser.add("CODE", what, "a code such as TW101, or a report that --json wrote: it is judged by what it holds").required();
  if (const auto status = parser.parse(arguments)) return *status;
  return deliver(explain(what), options);
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
