#include "report/remedies.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/catalogue.h"

namespace tlswhy::report {
namespace {

using findings::Applied;
using findings::Step;

std::string step_text(const Step& step) {
  const std::string path = base::printable(step.path);
  if (step.action == "run") return "run " + path;
  const std::string after = base::printable(step.after), before = base::printable(step.before);
  if (step.action == "remove") return fmt::format("take away {} ({})", path, before);
  if (step.before == "absent") return fmt::format("make {}: {}", path, after);
  return fmt::format("change {}: {}, was {}", path, after, before);
}

std::string applied_report(const Applied& one, const Style& style) {
  const char* manner = one.state == "interrupted" ? "bad" : one.state == "applied" || one.state == "undone" ? "good" : "head";
  std::string out = fmt::format("{}: {}", one.remedy, style.paint(manner, one.state));
  if (!one.id.empty()) out += fmt::format("  {}  {}", one.id, one.at);
  if (one.root != "/") out += "  below " + base::printable(one.root);
  out += "\n";
  for (const Step& step : one.steps) out += fmt::format("  {} {}\n", style.dot(), step_text(step));
  for (const std::string& note : one.notes) out += fmt::format("  {} {}\n", style.dot(), base::printable(note));
  if (!one.verified.empty()) out += fmt::format("  {} {}\n", style.paint("good", style.good()), base::printable(one.verified));
  if (one.state == "applied" || one.state == "interrupted") out += fmt::format("  undo: tlswhy fix --undo {}\n", one.id);
  return out;
}

}  // namespace

std::string fix_report(const findings::Report& report, const Style& style) {
  if (report.setting) return setting_report(report);
  if (report.applied.empty()) return "No remedy was applied here.\n";
  std::string out;
  for (const Applied& one : report.applied) out += applied_report(one, style);
  return out;
}

}  // namespace tlswhy::report
