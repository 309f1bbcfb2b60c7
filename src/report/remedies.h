#pragma once
// What `fix` did, would do, or has in its journal.

#include <string>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

// A setting with which a program finds a store, or each remedy with its steps.
std::string fix_report(const findings::Report& report, const Style& style);

}  // namespace tlswhy::report
