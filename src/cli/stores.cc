#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/memory.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/stores_as.h"
#include "diagnose/analyse.h"
#include "stacks/users.h"
#include "store/differences.h"
#include "store/distributions.h"
#include "store/system_stores.h"

namespace tlswhy::cli {
namespace {

void print_store(const store::AnchorSet& store, const facts::AnchorPlace& place, const report::Style& style) {
  const bool good = store.status == store::Status::kOk;
  std::string line = fmt::format("{} {}  ", good ? style.paint("good", style.good()) : style.paint("bad", style.bad()), base::printable(store.path));
  line += good ? fmt::format("{} anchors", store.anchors.size()) : store::status_name(store.status);
  if (store.error != 0) line += " (" + base::errno_name(store.error) + ")";
  if (place.expired > 0) line += fmt::format(", {} of them expired", place.expired);
  if (!store.unusable.empty()) line += fmt::format(", {} that OpenSSL does not find", store.unusable.size());
  if (!store.detail.empty()) line += ", " + base::printable(store.detail, 200);
  fmt::print("{}\n", line);
  for (const std::string& link : store.links) fmt::print("    {}\n", base::printable(link));
  if (!place.used_by.empty()) fmt::print("    used by {}\n", base::join(place.used_by, ", "));
}

// How this system takes a new anchor.
void print_distribution(const store::Distribution& one) {
  fmt::print("{}: a local anchor goes to {}", one.name, one.drop_in);
  fmt::print("{}\n", one.command.empty() ? "" : fmt::format(", then {}", one.command));
}

void print_difference(const facts::StoreDifference& one) {
  constexpr std::size_t kShown = 3;
  std::string names;
  for (const std::string& subject : one.subjects | std::views::take(kShown)) names += "\n    " + base::printable(subject, 200);
  if (one.subjects.size() > kShown) names += fmt::format("\n    and {} more", one.subjects.size() - kShown);
  fmt::print("{} trusts {} that {} does not:{}\n", base::printable(one.has), one.subjects.size(), base::printable(one.lacks), names);
}

std::vector<facts::StoreDifference> to_facts(std::vector<store::Difference> all) {
  std::vector<facts::StoreDifference> out;
  for (store::Difference& one : all) out.push_back({std::move(one.has), std::move(one.lacks), std::move(one.subjects)});
  return out;
}

// What well-known programs here read, and how they differ.
void describe_users(const std::vector<store::AnchorSet>& stores, const std::vector<stacks::User>& users, facts::Facts& out) {
  for (std::size_t i = 0; i < stores.size(); ++i)
    for (const stacks::User& user : users)
      if (std::ranges::find(user.stores, stores[i].resolved) != user.stores.end()) out.machine_stores[i].used_by.push_back(user.name);
  std::vector<store::Holder> holders;
  for (const stacks::User& user : users) holders.push_back(store::holder_of(user.name, user.anchors));
  out.program_differences = to_facts(store::differences(holders));
}

void print(const std::vector<store::AnchorSet>& stores, const facts::Facts& facts, bool all, const Options& options) {
  const report::Style style = style_for(options, 1);
  for (std::size_t i = 0; i < stores.size(); ++i)
    if (all || stores[i].status != store::Status::kMissing) print_store(stores[i], facts.machine_stores[i], style);
  for (const auto* differences : {&facts.store_differences, &facts.program_differences})
    for (const facts::StoreDifference& one : *differences) print_difference(one);
}

base::Result<int> look(bool all, const Options& options) {
  TRY(files, host::RealFiles::open(options.root));
  base::keep_memory();
  store::AnchorReader reader(*files);
  const auto stores = store::read_system_stores(reader);
  findings::Report report;
  for (const store::AnchorSet& one : stores) report.facts.machine_stores.push_back(diagnose::describe_place(one, nullptr));
  report.facts.store_differences = to_facts(store::differences(store::holders_of(stores)));
  describe_users(stores, stacks::users_of_stores(reader), report.facts);
  const bool usable = std::ranges::any_of(stores, [](const auto& one) { return one.status == store::Status::kOk; });
  report.outcome = usable ? "ok" : "failed";
  if (options.json != "-") {
    if (const store::Distribution* one = store::distribution_of(*files)) print_distribution(*one);
    print(stores, report.facts, all, options);
    if (!usable) fmt::print("no usable trust store below {}\n", base::printable(options.root));
  }
  if (!write_report(report, options)) return kCannotInspect;
  return usable ? kNothingWrong : kFindings;
}

}  // namespace

int stores_command(const std::vector<std::string>& arguments) {
  Arguments parser("Lists every place where a Linux distribution keeps trust anchors, its state here, and which programs use it.", "tlswhy stores");
  Options options;
  bool all = false;
  StoresAs as;
  parser.common(options);
  parser.add("--root", options.root, "look below DIR instead of /").type("DIR");
  parser.flag("--all", all, "list missing places too");
  const Arguments::One stack =
      parser.add("--as", as.stack, "what STACK[@VERSION] would read here with this environment (see tlswhy stacks)").type("STACK");
  parser.add("--chain", as.chain, "with --as: whether it would trust the chain in this PEM file, leaf first").type("FILE").needs(stack);
  parser.add("--servername", as.servername, "with --chain: the name that the chain has to be for").type("NAME").needs(stack);
  parser.add("--uid", as.uid, "with --as: with the rights of this user").type("UID").needs(stack).at_least(0);
  parser.flag("--at-secure", as.at_secure, "with --as: as a program that runs with more rights than its caller (setuid, file capabilities)")
      .needs(stack);
  if (const auto ended = parser.parse(arguments)) return *ended;
  if (!as.stack.empty()) return stores_as(as, options);
  const auto status = look(all, options);
  if (!status) fmt::print(stderr, "tlswhy: {}\n", status.error().text());
  return status.value_or(kCannotInspect);
}

}  // namespace tlswhy::cli
