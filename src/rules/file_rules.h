#pragma once
// What can be said of scanned files before any of them has run: what decides for one finds no anchor where it looks.

#include "findings/finding.h"

namespace tlswhy::rules {

// Adds a finding for each cause that holds for the report's files from the index `first` on; files of the same cause share one. `around`: the stores
// of the root that they are in; `process`: with which rights and variables they would run there.
void judge_files(findings::Report& report, std::size_t first, const facts::Facts& around, const facts::Process& process);

}  // namespace tlswhy::rules
