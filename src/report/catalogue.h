#pragma once
// What tlswhy itself knows: stacks and causes; and the setting that it offers for a program.

#include <string>

#include "findings/finding.h"

namespace tlswhy::report {

// Each stack with its standing and versions, and what steers it.
std::string stacks_report(const findings::Report& report);

// A line for each cause.
std::string codes_report(const findings::Report& report);

// One cause with its whole explanation.
std::string explain_report(const findings::Report& report);

// A comment and the setting in its format, as a shell, a unit file, a Dockerfile or a manifest takes it.
std::string setting_report(const findings::Report& report);

}  // namespace tlswhy::report
