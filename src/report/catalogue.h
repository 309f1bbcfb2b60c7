#pragma once
// What tlswhy itself knows: stacks and causes; and the setting that it offers for a program.

#include <span>
#include <string>

#include "findings/finding.h"

namespace tlswhy::report {

// Each stack with its standing and versions, and what steers it.
std::string stacks_report(const findings::Report& report);

// A line for each cause.
std::string codes_report(const findings::Report& report);

// One cause with its whole explanation.
std::string explain_report(const findings::Report& report);

// Settings of one format, as a shell, a unit file, a Dockerfile, a manifest or a file of variables takes them; "json": an object.
std::string settings_text(std::span<const findings::Setting> settings);

// A comment and the settings in their format, as a shell, a unit file, a Dockerfile or a manifest takes it.
std::string setting_report(const findings::Report& report);

}  // namespace tlswhy::report
