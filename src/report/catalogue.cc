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

// As docker and its like read a file of variables: literally in single quotes, where there is none in it.
std::string dotenv_text(std::string_view text) {
  if (text.find_first_of(" \t\"'\\$#`") == std::string_view::npos) return std::string(text);
  return text.contains('\'') ? quoted(text, false) : fmt::format("'{}'", text);
}

std::string systemd_line(const findings::Setting& setting) {
  const std::string assignment = setting.variable + "=" + setting.value;
  const bool special = assignment.find_first_of(" \t\"'\\%") != std::string::npos;
  return fmt::format("Environment={}\n", special ? quoted(assignment, true) : assignment);
}

std::string line_of(const findings::Setting& setting) {
  const std::string& variable = setting.variable;
  if (setting.format == "systemd") return systemd_line(setting);
  if (setting.format == "docker" || setting.format == "dockerfile") return fmt::format("ENV {}={}\n", variable, base::shell_quote(setting.value));
  if (setting.format == "kubernetes") return fmt::format("  - name: {}\n    value: {}\n", variable, quoted(setting.value, false));
  if (setting.format == "dotenv") return fmt::format("{}={}\n", variable, dotenv_text(setting.value));
  return fmt::format("export {}={}\n", variable, base::shell_quote(setting.value));
}

std::string json_text(std::span<const findings::Setting> settings) {
  std::string out;
  for (const findings::Setting& one : settings)
    out += fmt::format("{}\n  {}: {}", out.empty() ? "" : ",", quoted(one.variable, false), quoted(base::printable(one.value), false));
  return "{" + out + "\n}\n";
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

std::string settings_text(std::span<const findings::Setting> settings) {
  if (settings.empty()) return "";
  const std::string& format = settings.front().format;
  if (format == "json") return json_text(settings);
  std::string out = format == "systemd" ? "[Service]\n" : format == "kubernetes" ? "env:\n" : "";
  for (const findings::Setting& one : settings) out += line_of(one);
  return out;
}

std::string setting_report(const findings::Report& report) {
  if (!report.setting || report.facts.stacks.empty() || report.facts.machine_stores.empty()) return "";
  const facts::AnchorPlace& store = report.facts.machine_stores.front();
  const std::vector<findings::Setting> settings = report.settings.empty() ? std::vector{*report.setting} : report.settings;
  if (report.setting->format == "json") return settings_text(settings);
  std::string head;
  for (const facts::Stack& stack : report.facts.stacks) {
    const std::string where = stack.base ? fmt::format("looks in {}; ", base::printable(stack.build.openssldir)) : "";
    head += fmt::format("# {} ({}{}{}) {}{} holds {} anchors\n", base::printable(stack.path), stack.name, stack.version.empty() ? "" : " ",
                        stack.version, where, base::printable(store.path), store.anchors);
  }
  for (const std::string& advice : report.advice) head += "# " + base::printable(advice) + "\n";
  if (report.setting->format != "option") return head + settings_text(settings);
  return head + fmt::format("# no variable steers it, this option does:\n{} {} {}\n", base::shell_quote(base::join(report.facts.target.command, " ")),
                            report.setting->variable, base::shell_quote(report.setting->value));
}

}  // namespace tlswhy::report
