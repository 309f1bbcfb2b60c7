#include "report/scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/scan_table.h"
#include "report/text.h"

namespace tlswhy::report {
namespace {

using base::printable;

std::string directories(const facts::Build& build) {
  std::string out = fmt::format("  OPENSSLDIR    {}\n", printable(build.openssldir));
  if (!build.enginesdir.empty()) out += fmt::format("  ENGINESDIR    {}\n", printable(build.enginesdir));
  if (!build.modulesdir.empty()) out += fmt::format("  MODULESDIR    {}\n", printable(build.modulesdir));
  return out;
}

std::string stack_text(const facts::Stack& stack, const std::string& scanned, bool decides, const Style& style) {
  std::string out = fmt::format("  {}{}{}, {}{}{}\n", stack.name, stack.version.empty() ? "" : " ", stack.version, stack.linkage,
                                stack.path == scanned ? "" : " in " + printable(stack.path), decides ? "" : " (does not decide here)");
  if (!stack.why_loaded.empty()) out += fmt::format("  {}\n", printable(stack.why_loaded, 500));
  if (stack.sources.empty()) return out;
  const bool own = stack.base || !stack.over.empty();  // where it looks was read from its file
  if (own) out += directories(stack.build);
  const char* how = !own ? "by its model" : stack.build.read_by == "accessor" ? "read from its code" : "read from its text";
  return out + fmt::format("  It looks for anchors in ({}):\n{}", how, sources_text(stack, style));
}

std::string missing_text(const facts::ScannedFile& file) {
  std::string out;
  for (const facts::LibraryFailure& one : file.missing)
    out += fmt::format("  not found     {}, which {} needs; looked in {}\n", printable(one.library, 200), printable(one.wanted_by, 300),
                       one.searched.empty() ? "no directory" : printable(base::join(one.searched, ", "), 1000));
  return out;
}

std::string file_text(const facts::ScannedFile& file, const facts::Facts& facts, const Style& style) {
  std::string out = printable(file.path) + "\n";
  if (!file.trouble.empty()) return out + fmt::format("  {}\n", printable(file.trouble, 300));
  if (file.stacks.empty()) out += "  no TLS stack that tlswhy knows\n";
  // What decides comes first; where nothing is known to, none is said not to.
  for (const bool decides : {true, false})
    for (const std::int64_t index : file.stacks) {
      const bool does = std::ranges::find(file.decides, index) != file.decides.end();
      const auto at = static_cast<std::size_t>(index);
      if (at < facts.stacks.size() && does == decides) out += stack_text(facts.stacks[at], file.path, does || file.decides.empty(), style);
    }
  if (!file.compiled_roots.empty()) out += fmt::format("  {} authorities' certificates in its own data:\n", file.compiled_roots.size());
  for (const std::string& subject : file.compiled_roots) out += fmt::format("    {}\n", printable(subject, 300));
  if (!file.needed.empty()) out += fmt::format("  needs         {}\n", printable(base::join(file.needed, ", ")));
  out += missing_text(file);
  if (!file.machine.empty()) out += fmt::format("  machine       {}\n", printable(file.machine));
  if (!file.glibc.empty()) out += fmt::format("  glibc         {} or newer\n", printable(file.glibc));
  return out;
}

std::string finding_text(const findings::Finding& finding, const Style& style) {
  constexpr std::size_t kShown = 10;
  std::string out = fmt::format("{} {}  {}\n", style.paint("bad", finding.code), finding.name, printable(finding.title, 400));
  for (const findings::Evidence& one : finding.evidence) out += fmt::format("  {} {}\n", style.dot(), printable(one.text, 400));
  if (!finding.change.empty()) out += fmt::format("  {} it would find anchors with: {}\n", style.dot(), printable(finding.change.text(), 400));
  for (std::size_t i = 0; i < finding.files.size() && i < kShown; ++i) out += fmt::format("      {}\n", printable(finding.files[i], 300));
  if (finding.files.size() > kShown) out += fmt::format("      and {} more (--json has all)\n", finding.files.size() - kShown);
  return out;
}

std::string findings_text(const findings::Report& report, const Style& style) {
  std::string out;
  for (const findings::Finding& one : report.findings) out += "\n" + finding_text(one, style);
  if (!report.ignored.empty()) out += "\nIgnored, as the settings say\n";
  for (const findings::Ignored& one : report.ignored)
    out += fmt::format("  {} {} of {}{}: {}\n", style.dot(), one.finding.code,
                       printable(one.finding.files.empty() ? "" : one.finding.files.front(), 300),
                       one.finding.files.size() > 1 ? fmt::format(" and {} more", one.finding.files.size() - 1) : "", printable(one.reason, 300));
  return out;
}

}  // namespace

std::string scan_report(const findings::Report& report, const Style& style) {
  std::string out;
  if (wants_table(report))
    out += scan_table(report, style);
  else
    for (const facts::ScannedFile& file : report.facts.files) out += file_text(file, report.facts, style);
  out += findings_text(report, style);
  if (!report.facts.unseen.empty()) out += "\nNot shown\n";
  for (const std::string& sentence : report.facts.unseen) out += fmt::format("  {} {}\n", style.dot(), printable(sentence, 500));
  return out;
}

}  // namespace tlswhy::report
