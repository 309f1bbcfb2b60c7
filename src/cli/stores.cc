#include <algorithm>

#include "base/memory.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "cli/stores_as.h"
#include "diagnose/analyse.h"
#include "stacks/users.h"
#include "store/differences.h"
#include "store/distributions.h"
#include "store/system_stores.h"

namespace tlswhy::cli {
namespace {

facts::AnchorPlace place_of(const store::AnchorSet& store) {
  facts::AnchorPlace out = diagnose::describe_place(store, nullptr);
  if (store.error != 0) out.error = base::errno_name(store.error);
  out.links = store.links;
  out.unusable = store.unusable.size();
  out.detail = store.detail;
  return out;
}

std::vector<facts::StoreDifference> to_facts(std::vector<store::Difference> all) {
  std::vector<facts::StoreDifference> out;
  for (store::Difference& difference : all) out.push_back({std::move(difference.has), std::move(difference.lacks), std::move(difference.subjects)});
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

base::Result<findings::Report> inspect(const Options& options) {
  TRY(files, host::RealFiles::open(options.root));
  base::keep_memory();
  store::AnchorReader reader(*files);
  const auto stores = store::read_system_stores(reader);
  findings::Report report;
  report.kind = facts::Kind::kStores;
  report.facts.target.root = options.root;
  if (const store::Distribution* found = store::distribution_of(*files))
    report.facts.distribution = facts::Distribution{std::string(found->name), std::string(found->drop_in), std::string(found->command)};
  for (const store::AnchorSet& store : stores) report.facts.machine_stores.push_back(place_of(store));
  report.facts.store_differences = to_facts(store::differences(store::holders_of(stores)));
  describe_users(stores, stacks::users_of_stores(reader), report.facts);
  const bool usable = std::ranges::any_of(stores, [](const auto& store) { return store.status == store::Status::kOk; });
  report.outcome = usable ? "ok" : "failed";
  return report;
}

}  // namespace

int stores_command(const std::vector<std::string>& arguments) {
  Arguments parser("Lists every place where a Linux distribution keeps trust anchors, its state here, and which programs use it.", "tlswhy stores");
  Options options;
  StoresAs as;
  parser.common(options);
  parser.add("--root", options.root, "look below DIR instead of /").type("DIR").more("Links never lead out of it.");
  parser.flag("--all", options.missing, "list missing places too");
  const Arguments::Argument stack =
      parser.add("--as", as.stacks, "what STACK[@VERSION] would read here with this environment (see tlswhy stacks); all: each of them")
          .type("STACK")
          .one_each()
          .more("May be given more than once.");
  parser.add("--chain", as.chain, "with --as: whether it would trust the chain in this PEM file, leaf first").type("FILE").needs(stack);
  parser.add("--servername", as.servername, "with --chain: the name or address that the chain has to be for").type("NAME").needs(stack);
  parser.add("--at", as.at, "with --chain: when it is judged, as RFC 3339 writes it (2026-11-30T18:00:00Z)").type("TIME").needs(stack);
  parser.add("--anchors", as.anchors, "with --as: the trust anchors in this PEM file instead of what the stack would read").type("FILE").needs(stack);
  parser.add("--env-file", as.environment_file, "with --as: the variables in this file instead of ours")
      .type("FILE")
      .needs(stack)
      .more("Lines NAME=VALUE, or a copy of /proc/PID/environ.");
  parser.flag("--keep-env", as.keep_environment, "with --as: our variables count below another root and beside a file's, too").needs(stack);
  parser.add("--uid", as.uid, "with --as: with the rights of this user").type("UID").needs(stack).at_least(0);
  parser.flag("--at-secure", as.at_secure, "with --as: as a program that runs with more rights than its caller (setuid, file capabilities)")
      .needs(stack);
  if (const auto ended = parser.parse(arguments)) return *ended;
  return deliver(as.stacks.empty() ? inspect(options) : stores_as(as, options), options);
}

}  // namespace tlswhy::cli
