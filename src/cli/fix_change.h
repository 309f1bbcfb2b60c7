#pragma once
// What all remedies that change files share: where, whether at all, and the report of it.

#include <memory>
#include <string>

#include "cli/fix.h"
#include "findings/change.h"
#include "fix/apply.h"

namespace tlswhy::cli {

struct ChangeOptions {
  Options common;
  fix::ApplyOptions how;
  std::string root = "/";
};

// --root, --dry-run, --force, and the forms of the report.
void add_change_options(Arguments& part, ChangeOptions& options);

// The report of what was done, undone, or is in the journal.
findings::Report report_of(std::vector<findings::Applied> applied);

// Plans the change that `choose` makes of the root, carries it out and delivers the report.
int carry_out(const ChangeOptions& options, const std::string& remedy,
              const std::function<base::Result<findings::Change>(const fix::Root& root)>& choose);
// The same of a plan.
int carry_out_plan(const ChangeOptions& options, const std::function<base::Result<fix::Plan>(const fix::Root& root)>& make);

}  // namespace tlswhy::cli
