#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/stores_as.h"
#include "store/system_stores.h"

namespace tlswhy::cli {
namespace {

void print_store(const store::TrustStore& store, const report::Style& style) {
  const bool good = store.status == store::Status::kOk;
  std::string line = fmt::format("{} {}  ", good ? style.paint("good", style.good()) : style.paint("bad", style.bad()), base::printable(store.path));
  line += good ? fmt::format("{} anchors", store.anchors.size()) : store::status_name(store.status);
  if (store.error != 0) line += " (" + base::errno_name(store.error) + ")";
  if (!store.unusable.empty()) line += fmt::format(", {} that OpenSSL does not find", store.unusable.size());
  if (!store.detail.empty()) line += ", " + base::printable(store.detail, 200);
  fmt::print("{}\n", line);
  for (const std::string& link : store.links) fmt::print("    {}\n", base::printable(link));
}

facts::AnchorPlace place_of(const store::TrustStore& store) {
  return {store.path, store.directory, store::status_name(store.status), false, store.anchors.size()};
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
  app.add_option("--uid", as.uid, "with --as: with the rights of this user")->type_name("UID")->needs(stack)->check(CLI::NonNegativeNumber);
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
  for (const store::TrustStore& store : store::read_system_stores(reader)) {
    usable += store.status == store::Status::kOk ? 1 : 0;
    report.facts.machine_stores.push_back(place_of(store));
    if (options.json != "-" && (all || store.status != store::Status::kMissing)) print_store(store, style);
  }
  report.outcome = usable > 0 ? "ok" : "failed";
  if (usable == 0 && options.json != "-") fmt::print("no usable trust store below {}\n", base::printable(options.root));
  if (!write_report(report, options)) return kCannotInspect;
  return usable > 0 ? kNothingWrong : kFindings;
}

}  // namespace tlswhy::cli
