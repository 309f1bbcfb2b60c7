#include "report/scan.h"

#include <fmt/format.h>

#include "base/text.h"
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

std::string stack_text(const facts::Stack& stack, const std::string& scanned, const Style& style) {
  std::string out = fmt::format("  {}{}{}, {}{}\n", stack.name, stack.version.empty() ? "" : " ", stack.version, stack.linkage,
                                stack.path == scanned ? "" : " in " + printable(stack.path));
  if (stack.sources.empty()) return out;
  const bool own = stack.base || !stack.over.empty();  // where it looks was read from its file
  if (own) out += directories(stack.build);
  const char* how = !own ? "by its model" : stack.build.read_by == "accessor" ? "read from its code" : "read from its text";
  return out + fmt::format("  It looks for anchors in ({}):\n{}", how, sources_text(stack, style));
}

std::string file_text(const facts::ScannedFile& file, const facts::Facts& facts, const Style& style) {
  std::string out = printable(file.path) + "\n";
  if (file.stacks.empty()) out += "  no TLS stack that tlswhy knows\n";
  for (const std::int64_t index : file.stacks)
    if (const auto at = static_cast<std::size_t>(index); at < facts.stacks.size()) out += stack_text(facts.stacks[at], file.path, style);
  if (!file.compiled_roots.empty()) out += fmt::format("  {} authorities' certificates in its own data:\n", file.compiled_roots.size());
  for (const std::string& subject : file.compiled_roots) out += fmt::format("    {}\n", printable(subject, 300));
  if (!file.needed.empty()) out += fmt::format("  needs         {}\n", printable(base::join(file.needed, ", ")));
  if (!file.glibc.empty()) out += fmt::format("  glibc         {} or newer\n", printable(file.glibc));
  return out;
}

}  // namespace

std::string scan_report(const findings::Report& report, const Style& style) {
  std::string out;
  for (const facts::ScannedFile& file : report.facts.files) out += file_text(file, report.facts, style);
  if (!report.facts.unseen.empty()) out += "\nNot shown\n";
  for (const std::string& sentence : report.facts.unseen) out += fmt::format("  {} {}\n", style.dot(), printable(sentence, 500));
  return out;
}

}  // namespace tlswhy::report
