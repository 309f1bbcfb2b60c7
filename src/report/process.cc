#include "report/process.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/handshakes.h"
#include "report/text.h"

namespace tlswhy::report {
namespace {

using base::printable;

std::string process_text(const facts::Process& process, const facts::Facts& facts, const Style& style) {
  std::string out = fmt::format("pid {}  {}\n", process.pid, printable(process.exe, 300));
  if (!process.command.empty()) out += fmt::format("  command       {}\n", printable(base::join(process.command, " "), 300));
  out += fmt::format("  user          {}{}{}\n", process.uid, process.reads_all ? ", may read every file" : "",
                     process.at_secure ? ", AT_SECURE: ignores the environment" : "");
  if (process.own_root) out += fmt::format("  root          {} in {}\n", printable(process.root, 300), process.mount_namespace);
  for (const auto& [name, value] : process.trust_env) out += fmt::format("  {:<13} {}\n", name, printable(value, 300));
  for (const facts::Stack& stack : facts.stacks) {
    if (!stack.over.empty()) continue;
    out += fmt::format("{} {} {}\n", style.dot(), stack.name, stack.version);
    out += fmt::format("    {}{}\n", printable(stack.path, 300), stack.deleted ? " (deleted)" : "");
    if (!stack.why_loaded.empty()) out += fmt::format("    {}\n", printable(stack.why_loaded, 400));
    out += sources_text(stack, style);
  }
  if (facts.stacks.empty()) out += "  no TLS stack that tlswhy knows among its libraries\n";
  return out;
}

}  // namespace

std::string process_report(const findings::Report& report, const Style& style) {
  const facts::Facts& facts = report.facts;
  std::string out = facts.processes.empty() ? "" : process_text(facts.processes.back(), facts, style);
  const bool looked = facts.target.watched > 0 || !facts.handshakes.empty();
  if (looked || !report.findings.empty()) out += "\n";
  if (facts.handshakes.empty())
    for (const findings::Finding& finding : report.findings)
      out += fmt::format("{} {} {}, {}: {}\n", style.bad(), finding.code, finding.name, finding.certainty, printable(finding.title, 400));
  return looked ? out + handshakes_report(report, "process", style) : out;
}

}  // namespace tlswhy::report
