#pragma once
// How commands that look at handshakes without running anything show them.

#include <string>

#include "cli/options.h"
#include "findings/finding.h"

namespace tlswhy::cli {

// Prints the report to standard output and writes the JSON if asked for. `what` was looked at ("capture"). The exit status.
int show(const findings::Report& report, const Options& options, const std::string& what);

}  // namespace tlswhy::cli
