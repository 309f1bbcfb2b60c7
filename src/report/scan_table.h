#pragma once
// Many scanned files in one table: program, what decides, where that looks, whether it finds anything there, the cause if not.

#include <string>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

bool wants_table(const findings::Report& report);
std::string scan_table(const findings::Report& report, const Style& style);

}  // namespace tlswhy::report
