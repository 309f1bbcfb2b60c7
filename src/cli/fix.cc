#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "loader/loader.h"
#include "stacks/stack.h"
#include "store/system_stores.h"

namespace tlswhy::cli {
namespace {

// The first store that has anchors, a bundle file before a directory.
std::optional<store::AnchorSet> best_store(const host::Files& files) {
  store::AnchorReader reader(files);
  auto all = store::read_system_stores(reader);
  for (const bool directory : {false, true})
    for (store::AnchorSet& one : all)
      if (one.directory == directory && one.status == store::Status::kOk) return std::move(one);
  return std::nullopt;
}

// The stack that running `program` would use: its own, or that of the first library it needs which has one.
std::optional<facts::Stack> stack_of(const host::Files& files, const std::string& program) {
  for (const loader::Object& object : loader::closure(files, program, {})) {
    auto found = stacks::recognise_at(files, object.path);
    if (found.empty()) continue;
    stacks::describe(found.front(), {host::Viewpoint{files}, store::AnchorReader(files)});
    return std::move(found.front());
  }
  return std::nullopt;
}

void print_setting(const std::string& format, const std::string& variable, const std::string& value) {
  if (format == "systemd")
    fmt::print("[Service]\nEnvironment={}={}\n", variable, value);
  else if (format == "docker")
    fmt::print("ENV {}={}\n", variable, base::shell_quote(value));
  else if (format == "kubernetes")
    fmt::print("env:\n  - name: {}\n    value: \"{}\"\n", variable, value);
  else
    fmt::print("export {}={}\n", variable, base::shell_quote(value));
}

struct FixOptions {
  std::string remedy, program, store, format = "shell";
};

int fix_env(const FixOptions& options) {
  const auto files = host::RealFiles::open("/");
  if (!files) return fmt::print(stderr, "tlswhy: {}\n", files.error().text()), kCannotInspect;
  store::AnchorReader reader(**files);
  const auto chosen = options.store.empty() ? best_store(**files) : std::optional(reader.bundle(options.store));
  if (!chosen || chosen->status != store::Status::kOk) {
    fmt::print(stderr, "tlswhy: {}\n",
               chosen ? fmt::format("{}: {} {}", base::printable(options.store), store::status_name(chosen->status), chosen->detail)
                      : "no usable trust store on this machine (`tlswhy stores` lists them)");
    return kCannotInspect;
  }
  const auto stack = stack_of(**files, options.program);
  if (!stack) {
    fmt::print(stderr, "tlswhy: {}: no TLS stack among the libraries it names; programs that load one later are seen by `tlswhy run`\n",
               base::printable(options.program));
    return kCannotInspect;
  }
  const facts::Knob* knob = stack->knob_for(chosen->directory);
  if (knob == nullptr || knob->kind == "property") {
    fmt::print(stderr, "tlswhy: {}: {} reads no variable and no option for its store{}\n", base::printable(options.program), stack->name,
               knob != nullptr ? fmt::format("; set {} to {}", knob->name, chosen->path) : "; the program that stands on it decides");
    return kCannotInspect;
  }
  const std::string where = stack->build.openssldir.empty() ? "" : fmt::format("looks in {}; ", base::printable(stack->build.openssldir));
  fmt::print("# {} ({} {}) {}{} holds {} anchors\n", base::printable(stack->path), stack->name, stack->version, where, chosen->path,
             chosen->anchors.size());
  if (knob->kind == "option")
    fmt::print("# no variable steers it, this option does:\n{} {}={}\n", base::shell_quote(options.program), knob->name,
               base::shell_quote(chosen->path));
  else
    print_setting(options.format, knob->name, chosen->path);
  return kNothingWrong;
}

}  // namespace

int fix_command(const std::vector<std::string>& arguments) {
  Arguments parser("Prints the setting that makes a program find this machine's trust store. Changes nothing.", "tlswhy fix");
  FixOptions options;
  parser.add("REMEDY", options.remedy, "env: environment variable").required().one_of({"env"});
  parser.add("FILE", options.program, "the program or library").required().existing_file();
  parser.add("--store", options.store, "use this bundle instead of the machine's").type("BUNDLE");
  parser.add("--format", options.format, "shell, systemd, docker or kubernetes").one_of({"shell", "systemd", "docker", "kubernetes"});
  if (const auto status = parser.parse(arguments)) return *status;
  return fix_env(options);
}

}  // namespace tlswhy::cli
