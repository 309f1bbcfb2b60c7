#pragma once
// The report for a terminal: verdict in one line, then why, proof, fix, what works here, what was not seen.

#include <string>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

// The whole report as text that ends with a newline.
std::string text(const findings::Report& report, const Style& style);

// The sources of a stack, one line each, as `scan` and `run` show them.
std::string sources_text(const facts::Stack& stack, const Style& style);

}  // namespace tlswhy::report
