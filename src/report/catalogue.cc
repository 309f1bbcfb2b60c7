#include "report/catalogue.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tlswhy::report {
namespace {

std::string_view standing_text(std::string_view standing) {
  if (standing == "checked") return "checked against the real one";
  if (standing == "modelled") return "modelled, not checked";
  return "recognised only";
}

// In double quotes with backslashes before what is special there, `percent` doubled: systemd.exec(5) and YAML 1.2 §7.3.1 agree on these.
std::string quoted(std::string_view text, bool percent) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    if (letter == '%' && percent) out += '%';
    out += letter;
  }
  return out + "\"";
}

std::string setting_text(const findings::Setting& setting) {
  const std::string& variable = setting.variable;
  if (setting.format == "systemd") {
    const std::string assignment = variable + "=" + setting.value;
    const bool special = assignment.find_first_of(" \t\"'\\%") != std::string::npos;
    return fmt::format("[Service]\nEnvironment={}\n", special ? quoted(assignment, true) : assignment);
  }
  if (setting.format == "docker") return fmt::format("ENV {}={}\n", variable, base::shell_quote(setting.value));
  if (setting.format == "kubernetes") return fmt::format("env:\n  - name: {}\n    value: {}\n", variable, quoted(setting.value, false));
  return fmt::format("export {}={}\n", variable, base::shell_quote(setting.value));
}

}  // namespace

std::string stacks_report(const findings::Report& report) {
  std::string out;
  for (const findings::KnownStack& stack : report.known_stacks)
    out += fmt::format("{:<25} {:<26} {}\n{:26}{}\n", stack.name, standing_text(stack.standing), stack.versions, "", stack.knobs);
  return out;
}

std::string codes_report(const findings::Report& report) {
  std::string out;
  for (const findings::Cause& cause : report.causes) out += fmt::format("{}  {:<26}  {}\n", cause.code, cause.name, cause.summary);
  return out;
}

std::string explain_report(const findings::Report& report) {
  std::string out;
  for (const findings::Cause& cause : report.causes) out += fmt::format("{} {}: {}\n\n{}", cause.code, cause.name, cause.summary, cause.explanation);
  return out;
}

std::string setting_report(const findings::Report& report) {
  if (!report.setting || report.facts.stacks.empty() || report.facts.machine_stores.empty()) return "";
  const facts::Stack& stack = report.facts.stacks.front();
  const facts::AnchorPlace& store = report.facts.machine_stores.front();
  const std::string where = stack.base ? fmt::format("looks in {}; ", base::printable(stack.build.openssldir)) : "";
  const std::string head = fmt::format("# {} ({}{}{}) {}{} holds {} anchors\n", base::printable(stack.path), stack.name,
                                       stack.version.empty() ? "" : " ", stack.version, where, base::printable(store.path), store.anchors);
  if (report.setting->format != "option") return head + setting_text(*report.setting);
  return head + fmt::format("# no variable steers it, this option does:\n{} {} {}\n", base::shell_quote(base::join(report.facts.target.command, " ")),
                            report.setting->variable, base::shell_quote(report.setting->value));
}

}  // namespace tlswhy::report
