#include "lab/check.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab {
namespace {

using tlswhy::findings::Finding;
using tlswhy::findings::Report;

void compare(std::vector<std::string>& out, const std::string& what, const std::string& got, const std::string& wanted) {
  if (got != wanted) out.push_back(fmt::format("{} is '{}', expected '{}'", what, got, wanted));
}

bool in_evidence(const Finding& finding, const std::string& text) {
  return std::ranges::any_of(finding.evidence, [&](const auto& one) {
    return one.text.find(text) != std::string::npos || one.path.find(text) != std::string::npos || one.error == text;
  });
}

void compare_finding(std::vector<std::string>& out, const Finding& finding, const Expected& expected) {
  compare(out, "code", finding.code, expected.code);
  if (!expected.name.empty()) compare(out, "class", finding.name, expected.name);
  if (!expected.certainty.empty()) compare(out, "certainty", finding.certainty, expected.certainty);
  for (const std::string& text : expected.evidence)
    if (!in_evidence(finding, text)) out.push_back(fmt::format("no evidence says '{}'", text));
  if (!expected.changed.empty() && (!finding.proof || finding.proof->changed.find(expected.changed) == std::string::npos))
    out.push_back(fmt::format("the proof did not change '{}'", expected.changed));
  const bool fixed = std::ranges::any_of(finding.fixes, [&](const auto& fix) { return fix.id == expected.fix && fix.verified; });
  if (!expected.fix.empty() && !fixed) out.push_back(fmt::format("no verified fix '{}'", expected.fix));
}

void compare_stack(std::vector<std::string>& out, const Report& report, const std::string& wanted) {
  const bool seen = std::ranges::any_of(report.facts.handshakes, [&](const auto& shake) { return shake.stack.starts_with(wanted); });
  if (seen) return;
  for (const auto& shake : report.facts.handshakes) compare(out, "stack", shake.stack, wanted);
  if (report.facts.handshakes.empty()) out.push_back("no handshake was seen");
}

void compare_alert(std::vector<std::string>& out, const Report& report, const std::string& wanted) {
  const bool seen = std::ranges::any_of(report.facts.handshakes, [&](const auto& shake) {
    return shake.alert && (wanted == "encrypted" ? shake.alert->encrypted : shake.alert->name == wanted);
  });
  if (!seen) out.push_back(fmt::format("no alert '{}' was seen", wanted));
}

}  // namespace

std::vector<std::string> differences(const Report& report, int exit_status, const std::string& printed, const Expected& expected) {
  std::vector<std::string> out;
  if (expected.exit.value_or(0) < 0)
    compare(out, "exit status", exit_status != 0 ? "an error" : "0", "an error");
  else
    compare(out, "exit status", std::to_string(exit_status), std::to_string(expected.exit.value_or(0)));
  compare(out, "outcome", report.outcome, expected.outcome);
  if (!expected.alert.empty()) compare_alert(out, report, expected.alert);
  if (!expected.stack.empty()) compare_stack(out, report, expected.stack);
  for (const std::string& text : expected.absent)
    if (printed.find(text) != std::string::npos) out.push_back(fmt::format("'{}' was printed", text));
  if (expected.code.empty()) {
    for (const Finding& one : report.findings) out.push_back(fmt::format("unexpected finding {}: {}", one.code, one.title));
    return out;
  }
  if (report.findings.empty())
    out.push_back(fmt::format("no finding, expected {}", expected.code));
  else
    compare_finding(out, report.findings.front(), expected);
  return out;
}

const tlswhy::findings::Fix* verified_fix(const Report& report) {
  if (report.findings.empty()) return nullptr;
  const auto& fixes = report.findings.front().fixes;
  const auto found = std::ranges::find_if(fixes, [](const auto& fix) { return fix.verified; });
  return found == fixes.end() ? nullptr : &*found;
}

}  // namespace lab
