#include <fmt/format.h>

#include <ranges>

#include "base/text.h"
#include "cli/analyse.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/stores_as.h"
#include "stacks/users.h"
#include "store/differences.h"
#include "store/distributions.h"
#include "store/system_stores.h"

namespace tlswhy::cli {
namespace {

void print_store(const store::TrustStore& store, const facts::AnchorPlace& place, const report::Style& style) {
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

}  // namespace

int stores_command(const std::vector<std::string>& arguments) {
  CLI::App app("Lists every place where a Linux distribution keeps trust anchors, and its state here.", "tlswhy stores");
  Options options;
  bool all = false;
  StoresAs as;
  add_common(app, options);
  app.add_option("--root", options.root, "look below DIR instead of /")->type_name("DIR");
  app.add_flag("--all", all, "list missing places too");
  CLI::Option* stack =
      app.add_option("--as", as.stack, "what STACK[@VERSION] would read here with this environment (see tlswhy stacks)")->type_name("STACK");
  app.add_option("--chain", as.chain, "with --as: whether it would trust the chain in this PEM file, leaf first")->type_name("FILE")->needs(stack);
  app.add_option("--servername", as.servername, "with --chain: the name that the chain has to be for")->type_name("NAME")->needs(stack);
  app.add_option("--uid", as.uid, "with --as: with the rights of this user")->type_name("UID")->needs(stack)->check(CLI::NonNegativeNumber);
  app.add_flag("--at-secure", as.at_secure, "with --as: as a program that runs with more rights than its caller (setuid, file capabilities)")
      ->needs(stack);
  if (const auto status = parse(app, arguments)) return *status;
  if (!as.stack.empty()) return stores_as(as, options);
  const auto files = host::RealFiles::open(options.root);
  if (!files) {
    fmt::print(stderr, "tlswhy: {}\n", files.error().text());
    return kCannotInspect;
  }
  facts::Report report;
  const report::Style style = style_for(options, 1);
  std::size_t usable = 0;
  store::StoreReader reader(**files);
  const auto stores = store::read_system_stores(reader);
  const store::Distribution* distribution = store::distribution_of(**files);
  stacks::Spec defaults;
  if (distribution != nullptr && !distribution->openssldir.empty()) defaults.openssldir = distribution->openssldir;
  const stacks::Eyes eyes{**files, {}, {}, false, &reader.known()};
  const auto users = stacks::users_of_stores(eyes, defaults);
  if (distribution != nullptr && options.json != "-") print_distribution(*distribution);
  for (const store::TrustStore& store : stores) {
    usable += store.status == store::Status::kOk ? 1 : 0;
    facts::AnchorPlace& place = report.facts.machine_stores.emplace_back(describe_place(store, nullptr));
    if (const auto used = users.find(store.resolved); used != users.end()) place.used_by = used->second;
    if (options.json != "-" && (all || store.status != store::Status::kMissing)) print_store(store, place, style);
  }
  for (store::Difference& one : store::differences(stores)) {
    report.facts.store_differences.push_back({std::move(one.has), std::move(one.lacks), std::move(one.subjects)});
    if (options.json != "-") print_difference(report.facts.store_differences.back());
  }
  report.outcome = usable > 0 ? "ok" : "failed";
  if (usable == 0 && options.json != "-") fmt::print("no usable trust store below {}\n", base::printable(options.root));
  if (!write_report(report, options)) return kCannotInspect;
  return usable > 0 ? kNothingWrong : kFindings;
}

}  // namespace tlswhy::cli
