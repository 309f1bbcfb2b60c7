// tlswhy fix env: the settings that make a program find this machine's store: printed, given to a command, or written for a unit of systemd.

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/text.h"
#include "cli/command.h"
#include "cli/deliver.h"
#include "cli/fix_change.h"
#include "cli/program_stack.h"
#include "diagnose/analyse.h"
#include "fix/tool.h"
#include "report/catalogue.h"

namespace tlswhy::cli {
namespace {

struct EnvOptions : ChangeOptions {
  std::string program, store, format = "shell", unit;
};

// Those of a library that a runtime in the same file stands on are read by way of that runtime, if at all.
bool speaks_for_itself(const facts::Stack& stack, const std::vector<facts::Stack>& all) {
  return !stack.base || std::ranges::none_of(all, [&](const facts::Stack& other) { return !other.base && other.path == stack.path; });
}

// The kernel gives it more rights than its caller has, so that its libraries read no variable (AT_SECURE).
bool has_more_rights(const std::string& program) {
  struct stat st{};
  if (::stat(program.c_str(), &st) != 0) return false;
  return (st.st_mode & (S_ISUID | S_ISGID)) != 0 || ::getxattr(program.c_str(), "security.capability", nullptr, 0) > 0;
}

void add_setting(findings::Report& report, const findings::Setting& setting) {
  const bool there = std::ranges::any_of(report.settings, [&](const findings::Setting& one) { return one.variable == setting.variable; });
  if (!there) report.settings.push_back(setting);
}

// What steers this stack, as a setting or, where it is no variable, in words.
void steer(findings::Report& report, const facts::Stack& stack, const store::AnchorSet& chosen, const std::string& format) {
  const facts::Knob* knob = stack.knob_for(chosen.directory);
  if (knob != nullptr && knob->kind == "variable") return add_setting(report, {format, knob->name, chosen.path});
  // Of a library that it merely has among others nothing is to be said where there is a variable.
  if (!report.settings.empty()) return;
  if (knob == nullptr)
    report.advice.push_back(fmt::format("{} reads no variable and no option for its store; the program that stands on it decides", stack.name));
  else
    report.advice.push_back(fmt::format("{} reads no variable for its store; set {} to {}", stack.name, knob->name, chosen.path));
}

base::Result<findings::Report> settings_for(const EnvOptions& options) {
  TRY(root, fix::Root::open(options.root));
  TRY(chosen, choose_store(root.files(), options.store));
  auto stacks = stacks_of(root.files(), options.program);
  std::erase_if(stacks, [all = stacks](const facts::Stack& one) { return !speaks_for_itself(one, all); });
  if (stacks.empty())
    return base::fail(base::Code::kNotFound, "no TLS stack among the libraries it names; programs that load one later are seen by `tlswhy run`",
                      base::printable(options.program));
  if (root.is_machine() && has_more_rights(options.program))
    return base::fail(
        base::Code::kUnsupported,
        "it runs with more rights than its caller, so that its libraries read no variable; `tlswhy fix link` gives it a store all the same",
        base::printable(options.program));
  findings::Report report = report_of({});
  for (const facts::Stack& stack : stacks) steer(report, stack, chosen, options.format);
  const facts::Knob* option = nullptr;
  for (const facts::Stack& stack : stacks)
    if (const facts::Knob* knob = stack.knob_for(chosen.directory); knob != nullptr && knob->kind == "option" && option == nullptr) option = knob;
  if (report.settings.empty() && option == nullptr)
    return base::fail(base::Code::kUnsupported, base::join(report.advice, "; "), base::printable(options.program));
  if (report.settings.empty()) report.settings.push_back({"option", option->name, chosen.path}), report.advice.clear();
  report.setting = report.settings.front();
  report.facts.target.command = {options.program};
  report.facts.stacks = std::move(stacks);
  report.facts.machine_stores.push_back(diagnose::describe_place(chosen, nullptr));
  return report;
}

// Becomes the command, with the settings that its program reads.
int start(EnvOptions options, const std::vector<std::string>& command) {
  options.program = command.front().contains('/') ? command.front() : fix::find_tool(command.front());
  const auto report = options.program.empty()
                          ? base::Result<findings::Report>(base::fail(base::Code::kNotFound, "no such program", base::printable(command.front())))
                          : settings_for(options);
  if (!report) return deliver(report, options.common);
  std::vector<std::string> words = command;
  for (const findings::Setting& one : report->settings) {
    if (one.format == "option")
      words.insert(words.begin() + 1, {one.variable, one.value});
    else
      ::setenv(one.variable.c_str(), one.value.c_str(), 1);
  }
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(options.program.c_str(), pointers.data());
  write_stderr(fmt::format("tlswhy: {}\n", base::fail_errno(errno, "can't start it", options.program).error().text()));
  return kCannotInspect;
}

// A drop-in of the unit, as `systemctl edit` would make one.
base::Result<fix::Plan> plan_unit(const EnvOptions& options, const fix::Root& root) {
  EnvOptions wanted = options;
  wanted.format = "systemd";
  TRY(report, settings_for(wanted));
  if (report.settings.front().format == "option")
    return base::fail(base::Code::kUnsupported, fmt::format("no variable steers it, but the option {} of its command line", report.setting->variable),
                      options.program);
  if (options.unit.contains('/')) return base::fail(base::Code::kUsage, "not the name of a unit", base::printable(options.unit));
  const std::string unit = options.unit.contains('.') ? options.unit : options.unit + ".service";
  fix::Plan plan;
  plan.remedy = "env";
  TRY_VOID(plan.want(root, fmt::format("/etc/systemd/system/{}.d/tlswhy.conf", unit), fix::file_state(report::settings_text(report.settings))));
  plan.notes = report.advice;
  plan.notes.push_back(fmt::format("to take it up: systemctl daemon-reload && systemctl restart {}", unit));
  return plan;
}

int run(EnvOptions& options, const std::vector<std::string>& command) {
  if (!command.empty()) return start(options, command);
  if (options.program.empty()) return write_stderr("tlswhy fix env: FILE or -- CMD is required\n"), kUsage;
  if (options.root == "/" && ::access(options.program.c_str(), F_OK) != 0)
    return write_stderr(fmt::format("tlswhy fix env: FILE: File does not exist: {}\n", base::printable(options.program))), kUsage;
  if (!options.unit.empty()) return carry_out_plan(options, [&](const fix::Root& root) { return plan_unit(options, root); });
  return deliver(settings_for(options), options.common);
}

FixRemedy::Run set_up(Arguments& part) {
  auto options = std::make_shared<EnvOptions>();
  add_change_options(part, *options);
  part.add("FILE", options->program, "the program or library; or -- CMD, which is started with the settings");
  part.add("--store", options->store, "use this bundle instead of the machine's").type("BUNDLE");
  part.add("--format", options->format, "shell, systemd, docker or kubernetes").one_of({"shell", "systemd", "docker", "kubernetes"});
  part.add("--print", options->format, "the same: shell, systemd, dotenv, kubernetes, dockerfile or json")
      .one_of({"shell", "systemd", "dotenv", "kubernetes", "dockerfile", "json"});
  part.add("--unit", options->unit, "write a drop-in for this unit of systemd instead").type("NAME");
  return [options](const std::vector<std::string>& command) { return run(*options, command); };
}

}  // namespace

const FixRemedy kFixEnv{"env", "the settings that make a program find this machine's store: print them, or start it with them", set_up, true};

}  // namespace tlswhy::cli
