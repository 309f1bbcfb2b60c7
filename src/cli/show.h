#pragma once
// How commands that look at handshakes without running anything show them.

#include <string>

#include "cli/options.h"
#include "facts/facts.h"

namespace tlswhy::cli {

// "failed" when a handshake did, "unknown" when one was not seen to its end, "ok" when there were some, else "no_tls".
std::string outcome_of(const facts::Facts& facts);

// Prints the report to standard output and writes the JSON if asked for. `what` was looked at ("capture"). The exit status.
int show(const facts::Report& report, const Options& options, const std::string& what);

}  // namespace tlswhy::cli
