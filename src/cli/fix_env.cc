// tlswhy fix env: the setting that makes a program find this machine's store.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/deliver.h"
#include "cli/fix.h"
#include "cli/program_stack.h"
#include "diagnose/analyse.h"
#include "loader/loader.h"
#include "stacks/stack.h"

namespace tlswhy::cli {
namespace {

// The stack that running `program` would use: its own, or that of the first library it needs which has one.
std::optional<facts::Stack> stack_of(const host::Files& files, const std::string& program) {
  for (const loader::Object& object : loader::closure(files, program, {})) {
    auto found = stacks::recognise_at(files, object.path);
    if (found.empty()) continue;
    const host::Viewpoint as{files};
    const store::AnchorReader reader(files);
    stacks::settle(found);
    stacks::describe(found.front(), {as, reader});
    return std::move(found.front());
  }
  return std::nullopt;
}

struct EnvOptions {
  Options common;
  std::string program, store, format = "shell";
};

base::Result<findings::Report> set_variable(const EnvOptions& options) {
  TRY(files, host::RealFiles::open("/"));
  TRY(chosen, choose_store(*files, options.store));
  auto stack = stack_of(*files, options.program);
  if (!stack)
    return base::fail(base::Code::kNotFound, "no TLS stack among the libraries it names; programs that load one later are seen by `tlswhy run`",
                      base::printable(options.program));
  const facts::Knob* knob = stack->knob_for(chosen.directory);
  if (knob == nullptr || knob->kind == "property")
    return base::fail(
        base::Code::kUnsupported,
        fmt::format("{} reads no variable and no option for its store{}", stack->name,
                    knob != nullptr ? fmt::format("; set {} to {}", knob->name, chosen.path) : "; the program that stands on it decides"),
        base::printable(options.program));
  const findings::Setting setting{knob->kind == "option" ? "option" : options.format, knob->name, chosen.path};
  findings::Report report;
  report.kind = facts::Kind::kFix;
  report.outcome = "ok";
  report.facts.target.command = {options.program};
  report.facts.stacks.push_back(std::move(*stack));
  report.facts.machine_stores.push_back(diagnose::describe_place(chosen, nullptr));
  report.setting = setting;
  return report;
}

FixRemedy::Run set_up(Arguments& part) {
  auto options = std::make_shared<EnvOptions>();
  part.common(options->common);
  part.add("FILE", options->program, "the program or library").required().existing_file();
  part.add("--store", options->store, "use this bundle instead of the machine's").type("BUNDLE");
  part.add("--format", options->format, "shell, systemd, docker or kubernetes").one_of({"shell", "systemd", "docker", "kubernetes"});
  return [options](const std::vector<std::string>&) { return deliver(set_variable(*options), options->common); };
}

}  // namespace

const FixRemedy kFixEnv{"env", "print the setting that makes a program find this machine's store", set_up};

}  // namespace tlswhy::cli
