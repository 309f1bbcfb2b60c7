// tlswhy fix REMEDY: one row for each; --list and --undo of what they did.

#include "cli/fix.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "cli/fix_change.h"
#include "fix/journal.h"

namespace tlswhy::cli {
namespace {

constexpr std::array kRemedies{&kFixEnv, &kFixLink, &kFixRehash, &kFixBundle, &kFixMode, &kFixAnchor};

struct JournalOptions {
  Options common;
  bool list = false;
  std::string undo;
  fix::ApplyOptions how;
};

int list(const JournalOptions& options) {
  const auto listed = [&]() -> base::Result<findings::Report> {
    TRY(journal, fix::Journal::look());
    std::vector<findings::Applied> all;
    for (const fix::Entry& entry : journal.all()) {
      all.push_back(entry.told());
      if (entry.state == "undone") all.back().steps.clear();  // what it had changed is as it was
    }
    return report_of(std::move(all));
  }();
  return deliver(listed, options.common);
}

int undo(const JournalOptions& options) {
  const auto undone = [&]() -> base::Result<findings::Report> {
    TRY(applied, fix::undo(options.undo, options.how));
    return report_of({std::move(applied)});
  }();
  return deliver(undone, options.common);
}

}  // namespace

int fix_command(const std::vector<std::string>& given) {
  std::vector<std::string> arguments = given;
  const std::vector<std::string> command = take_command(arguments);
  Arguments parser("Makes a program trust its peers: applies a remedy, or says what has to be set.", "tlswhy fix");
  JournalOptions journal;
  parser.common(journal.common);
  parser.flag("--list", journal.list, "the remedies that were applied here");
  const auto undo_given =
      parser.add("--undo", journal.undo, "put back what a remedy changed, byte for byte; the last one without ID").type("ID").may_stand_alone();
  parser.flag("--dry-run", journal.how.dry_run, "show the exact change and make none");
  parser.flag("--force", journal.how.force, "change files that belong to a package, and put back what was changed since");
  std::vector<std::pair<const Arguments*, std::pair<const FixRemedy*, FixRemedy::Run>>> ready;
  for (const FixRemedy* remedy : kRemedies) {
    Arguments& part = parser.command(std::string(remedy->name), std::string(remedy->does));
    ready.push_back({&part, {remedy, remedy->set_up(part)}});
  }
  parser.commands_optional();
  if (const auto status = parser.parse(arguments)) return *status;
  for (const auto& [part, made] : ready) {
    if (!part->given()) continue;
    if (command.empty() || made.first->takes_command) return made.second(command);
    return fmt::print(stderr, "tlswhy fix {}: takes no command\n", made.first->name), kUsage;
  }
  if (journal.list) return list(journal);
  if (undo_given.given()) return undo(journal);
  return fmt::print(stderr, "tlswhy fix: a remedy, --list or --undo has to be given (`tlswhy fix --help`)\n"), kUsage;
}

}  // namespace tlswhy::cli
