#include "report/stores.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/text.h"

namespace tlswhy::report {
namespace {

using base::printable;

std::string store_text(const facts::AnchorPlace& store, const Style& style) {
  const bool good = store.status == "ok";
  std::string out = fmt::format("{} {}  ", good ? style.paint("good", style.good()) : style.paint("bad", style.bad()), printable(store.path));
  out += good ? fmt::format("{} anchors", store.anchors) : store.status;
  if (!store.error.empty()) out += " (" + store.error + ")";
  if (store.expired > 0) out += fmt::format(", {} of them expired", store.expired);
  if (store.unusable > 0) out += fmt::format(", {} that OpenSSL does not find", store.unusable);
  if (!store.detail.empty()) out += ", " + printable(store.detail, 200);
  out += "\n";
  for (const std::string& link : store.links) out += fmt::format("    {}\n", printable(link));
  if (!store.used_by.empty()) out += fmt::format("    used by {}\n", base::join(store.used_by, ", "));
  return out;
}

std::string distribution_text(const facts::Distribution& distribution) {
  std::string out = fmt::format("{}: a local anchor goes to {}", printable(distribution.name), distribution.drop_in);
  if (!distribution.command.empty()) out += ", then " + distribution.command;
  return out + "\n";
}

std::string difference_text(const facts::StoreDifference& difference) {
  constexpr std::size_t kShown = 3;
  const std::vector<std::string>& subjects = difference.subjects;
  std::string out = fmt::format("{} trusts {} that {} does not:", printable(difference.has), subjects.size(), printable(difference.lacks));
  for (const std::string& subject : subjects | std::views::take(kShown)) out += "\n    " + printable(subject, 200);
  if (subjects.size() > kShown) out += fmt::format("\n    and {} more", subjects.size() - kShown);
  return out + "\n";
}

}  // namespace

std::string stores_report(const findings::Report& report, const Style& style) {
  const facts::Facts& facts = report.facts;
  std::string out = facts.distribution ? distribution_text(*facts.distribution) : "";
  for (const facts::AnchorPlace& store : facts.machine_stores)
    if (style.missing || store.status != "missing") out += store_text(store, style);
  for (const auto* differences : {&facts.store_differences, &facts.program_differences})
    for (const facts::StoreDifference& difference : *differences) out += difference_text(difference);
  if (std::ranges::find(facts.machine_stores, "ok", &facts::AnchorPlace::status) == facts.machine_stores.end())
    out += fmt::format("no usable trust store below {}\n", printable(facts.target.root));
  return out;
}

}  // namespace tlswhy::report
