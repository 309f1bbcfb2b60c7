#pragma once
// A report as text for people, whatever the command.

#include <string>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

// The whole report; ends with a newline unless it is empty.
std::string terminal(const findings::Report& report, const Style& style);

}  // namespace tlswhy::report
