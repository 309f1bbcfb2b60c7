// tlswhy fix link: the place that is compiled into a library becomes a link to the machine's store.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/fix_change.h"
#include "cli/program_stack.h"
#include "fix/plan.h"

namespace tlswhy::cli {
namespace {

struct LinkOptions : ChangeOptions {
  std::string program, place, store, to;
  bool copy = false;
};

// The default place of the first library of the program that has one: the file for a bundle, the folder for a hashed one.
base::Result<std::string> compiled_place(const fix::Root& root, const std::string& program, bool directory) {
  for (const facts::Stack& stack : stacks_of(root.files(), program)) {
    const std::string& place = directory ? stack.build.cert_dir : stack.build.cert_file;
    if (place.starts_with('/')) return place;
    if (!place.empty()) return base::fail(base::Code::kUnsupported, "the compiled-in place is no absolute path: " + base::printable(place), program);
  }
  return base::fail(base::Code::kNotFound, "no library with a compiled-in place for anchors among those it names", base::printable(program));
}

// The store's own contents, where a link would lead nowhere: that of this machine for another root.
base::Result<std::string> contents_of(const std::string& bundle) {
  TRY(machine, fix::Root::open("/"));
  TRY(store, choose_store(machine.files(), bundle));
  if (store.directory) return base::fail(base::Code::kUnsupported, "a folder can't be copied in the place of a file", store.path);
  TRY(bytes, host::read_following(machine.files(), store.path, 64U << 20));
  return std::string(bytes.begin(), bytes.end());
}

// A link with just this text.
base::Result<fix::Plan> plan_exact(const LinkOptions& options, const fix::Root& root) {
  if (options.place.empty()) return base::fail(base::Code::kUsage, "--to needs --place");
  TRY(plan, fix::plan_for(root, "link", {{{findings::EditKind::kMakeLink, options.place, options.to}}}));
  plan.verify = [place = options.place](const fix::Root& at) { return fix::anchors_at(at, place); };
  return plan;
}

base::Result<fix::Plan> plan_link(const LinkOptions& options, const fix::Root& root) {
  if (!options.to.empty()) return plan_exact(options, root);
  if (options.program.empty() == options.place.empty()) return base::fail(base::Code::kUsage, "either FILE or --place has to be given, and not both");
  const auto store = options.copy ? base::fail(base::Code::kNotFound, "") : choose_store(root.files(), options.store);
  const bool copies = options.copy || (!store && !root.is_machine());
  if (!store && !copies) return std::unexpected(store.error());
  std::string place = options.place;
  if (place.empty()) {
    TRY(found, compiled_place(root, options.program, store && store->directory));
    place = std::move(found);
  }
  findings::Edit edit{findings::EditKind::kMakeLink, place, store ? store->path : ""};
  if (copies) {
    TRY(text, contents_of(options.store));
    edit = {findings::EditKind::kWriteFile, place, std::move(text)};
  }
  if (store && store->resolved == host::resolve(root.files(), place).path) edit.kind = findings::EditKind::kFreshProcess;
  findings::Change change;
  if (edit.kind != findings::EditKind::kFreshProcess) change.edits = {edit};
  TRY(plan, fix::plan_for(root, "link", change));
  if (change.empty()) plan.notes.push_back(fmt::format("{} leads to {} already", base::printable(place), base::printable(store->path)));
  plan.verify = [place](const fix::Root& at) { return fix::anchors_at(at, place); };
  return plan;
}

FixRemedy::Run set_up(Arguments& part) {
  auto options = std::make_shared<LinkOptions>();
  add_change_options(part, *options);
  part.add("FILE", options->program, "the program or library whose compiled-in place is meant");
  part.add("--place", options->place, "make the link here").type("PATH");
  part.add("--store", options->store, "link to this bundle or hashed folder instead of the machine's store").type("BUNDLE");
  part.add("--to", options->to, "with --place: what the link says, as it stands").type("TARGET");
  part.flag("--copy", options->copy, "write a copy of the store instead of a link, as is done in a root that has no store of its own");
  return [options](const std::vector<std::string>&) {
    return carry_out_plan(*options, [&](const fix::Root& root) { return plan_link(*options, root); });
  };
}

}  // namespace

const FixRemedy kFixLink{"link", "make the place where a library looks for anchors a link to the machine's store", set_up};

}  // namespace tlswhy::cli
