#pragma once
// A running process: who it is, which TLS stacks it maps, what their sources are worth, and what it was seen to do.

#include <string>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

// The process's own lines, each of its stacks with the sources in their order, then findings and handshakes.
std::string process_report(const findings::Report& report, const Style& style);

}  // namespace tlswhy::report
