#include "cli/show.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/common.h"
#include "report/handshakes.h"
#include "report/text.h"

namespace tlswhy::cli {

namespace {

void print(const findings::Report& report, const Options& options, const std::string& what) {
  const report::Style style = style_for(options, 1);
  if (!report.findings.empty()) return fmt::print("{}", report::text(report, style));
  const auto& shakes = report.facts.handshakes;
  const auto failed = std::ranges::count(shakes, "failed", &facts::Handshake::result);
  if (shakes.empty())
    fmt::print("tlswhy: no TLS handshake in this {}\n", what);
  else
    fmt::print("tlswhy: {} TLS handshake{}, {} failed\n\n{}", shakes.size(), shakes.size() == 1 ? "" : "s", failed,
               report::handshake_list(report.facts, style));
  if (report.facts.unseen.empty()) return;
  fmt::print("\nNot seen\n");
  constexpr std::size_t kShown = 12;
  for (std::size_t i = 0; i < report.facts.unseen.size() && i < kShown; ++i)
    fmt::print("  {} {}\n", style.dot(), base::printable(report.facts.unseen[i], 400));
  if (report.facts.unseen.size() > kShown) fmt::print("  {} and {} more (--json has all)\n", style.dot(), report.facts.unseen.size() - kShown);
}

}  // namespace

int show(const findings::Report& report, const Options& options, const std::string& what) {
  if (options.json != "-") print(report, options, what);
  if (!write_report(report, options)) return kCannotInspect;
  return report.outcome == "failed" ? kFindings : kNothingWrong;
}

}  // namespace tlswhy::cli
