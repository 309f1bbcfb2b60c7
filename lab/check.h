#pragma once
// Compares a report with what a scenario expects.

#include <string>
#include <vector>

#include "facts/facts.h"
#include "lab/scenario.h"

namespace lab {

// One sentence for each thing that is not as expected; empty when all is. `printed`: what the program and tlswhy said.
std::vector<std::string> differences(const tlswhy::facts::Report& report, int exit_status, const std::string& printed, const Expected& expected);

// The first fix of the first finding that was verified, null if there is none.
const tlswhy::facts::Fix* verified_fix(const tlswhy::facts::Report& report);

}  // namespace lab
