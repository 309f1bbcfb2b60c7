#pragma once
// The stores of a machine, and what one stack makes of them.

#include <string>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

// How the distribution takes an anchor, each store with its state and users, what one store has and another lacks.
std::string stores_report(const findings::Report& report, const Style& style);

// The sources of each stack in the report, and what it says of a chain; for several a table of that.
std::string stores_as_report(const findings::Report& report, const Style& style);

}  // namespace tlswhy::report
