#pragma once
// Compares a report with what a scenario expects.

#include <string>
#include <vector>

#include "findings/finding.h"
#include "lab/scenario.h"

namespace lab {

// One sentence for each thing that is not as expected; empty when all is. `printed`: what the program and tlswhy said.
std::vector<std::string> differences(const tlswhy::findings::Report& report, int exit_status, const std::string& printed, const Expected& expected);

// The first fix of the first finding that was verified, null if there is none.
const tlswhy::findings::Fix* verified_fix(const tlswhy::findings::Report& report);

}  // namespace lab
