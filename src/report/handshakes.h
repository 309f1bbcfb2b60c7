#pragma once
// Handshakes as a list: peer, version, outcome, chain, the anchor that it needs and where that is.

#include <string>
#include <string_view>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

// How a handshake ended, in a sentence without its subject.
std::string ending(const facts::Handshake& shake);

// How many there were, one entry for each in order with its chain shown once, and what was not seen; with findings the whole
// of them instead. `what` was looked at: "capture".
std::string handshakes_report(const findings::Report& report, std::string_view what, const Style& style);

}  // namespace tlswhy::report
