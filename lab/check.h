#pragma once
// Compares a report with what a scenario expects.

#include <string>
#include <vector>

#include "facts/facts.h"
#include "lab/scenario.h"

namespace lab {

// One sentence for each thing that is not as expected; empty when all is.
std::vector<std::string> differences(const tlswhy::facts::Report& report, int exit_status, const Expected& expected);

}  // namespace lab
