#pragma once
// Carries a plan out, or undoes what was carried out.

#include <functional>
#include <string>
#include <vector>

#include "fix/journal.h"

namespace tlswhy::fix {

struct Wanted {
  std::string path;
  State state;
};

// What a remedy comes to on one machine.
struct Plan {
  std::string remedy;
  std::vector<Wanted> wanted;  // in this order
  std::vector<std::string> notes;
  std::vector<std::string> tool;     // of the distribution, run afterwards; empty for none
  std::vector<std::string> watched;  // the folders and files in which it may change anything
  // What is seen afterwards, for a person; an error takes all of it back. Empty: nothing is looked at.
  std::function<base::Result<std::string>(const Root&)> verify;

  // With the folders that are missing above it. A later state of the same path takes the place of the earlier.
  base::Result<void> want(const Root& root, const std::string& path, State state);
};

struct ApplyOptions {
  bool dry_run = false;
  bool force = false;  // what belongs to a package, or was changed since, too
};

// The journal is written first. On an error nothing is changed.
base::Result<findings::Applied> apply(const Root& root, const Plan& plan, const ApplyOptions& options);

// Puts everything back that the entry changed; "" for the last one that was applied. kDenied when something was changed since.
base::Result<findings::Applied> undo(const std::string& id, const ApplyOptions& options);

}  // namespace tlswhy::fix
