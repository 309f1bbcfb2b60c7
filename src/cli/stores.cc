#include <fmt/format.h>

#include <ranges>

#include "base/text.h"
#include "cli/analyse.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/stores_as.h"
#include "store/differences.h"
#include "store/system_stores.h"

namespace tlswhy::cli {
namespace {

void print_store(const store::TrustStore& store, std::uint64_t expired, const report::Style& style) {
  const bool good = store.status == store::Status::kOk;
  std::string line = fmt::format("{} {}  ", good ? style.paint("good", style.good()) : style.paint("bad", style.bad()), base::printable(store.path));
  line += good ? fmt::format("{} anchors", store.anchors.size()) : store::status_name(store.status);
  if (store.error != 0) line += " (" + base::errno_name(store.error) + ")";
  if (expired > 0) line += fmt::format(", {} of them expired", expired);
  if (!store.unusable.empty()) line += fmt::format(", {} that OpenSSL does not find", store.unusable.size());
  if (!store.detail.empty()) line += ", " + base::printable(store.detail, 200);
  fmt::print("{}\n", line);
  for (const std::string& link : store.links) fmt::print("    {}\n", base::printable(link));
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
  for (const store::TrustStore& store : stores) {
    usable += store.status == store::Status::kOk ? 1 : 0;
    report.facts.machine_stores.push_back(describe_place(store, nullptr));
    if (options.json != "-" && (all || store.status != store::Status::kMissing))
      print_store(store, report.facts.machine_stores.back().expired, style);
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
