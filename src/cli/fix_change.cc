#include "cli/fix_change.h"

#include "cli/deliver.h"
#include "fix/plan.h"

namespace tlswhy::cli {

void add_change_options(Arguments& part, ChangeOptions& options) {
  part.common(options.common);
  part.add("--root", options.root, "change what is below DIR instead of /").type("DIR").more("Links never lead out of it.");
  part.flag("--dry-run", options.how.dry_run, "show the exact change and make none");
  part.flag("--force", options.how.force, "change files that belong to a package, and put back what was changed since");
}

findings::Report report_of(std::vector<findings::Applied> applied) {
  findings::Report report;
  report.kind = facts::Kind::kFix;
  report.outcome = "ok";
  report.applied = std::move(applied);
  return report;
}

int carry_out_plan(const ChangeOptions& options, const std::function<base::Result<fix::Plan>(const fix::Root& root)>& make) {
  const auto done = [&]() -> base::Result<findings::Report> {
    TRY(root, fix::Root::open(options.root));
    TRY(plan, make(root));
    TRY(applied, fix::apply(root, plan, options.how));
    return report_of({std::move(applied)});
  }();
  return deliver(done, options.common);
}

int carry_out(const ChangeOptions& options, const std::string& remedy,
              const std::function<base::Result<findings::Change>(const fix::Root& root)>& choose) {
  return carry_out_plan(options, [&](const fix::Root& root) -> base::Result<fix::Plan> {
    TRY(change, choose(root));
    return fix::plan_for(root, remedy, change);
  });
}

}  // namespace tlswhy::cli
