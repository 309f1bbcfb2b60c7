#pragma once
// A running process: who it is, which TLS stacks it maps and what their sources are worth.

#include <string>

#include "facts/facts.h"
#include "report/style.h"

namespace tlswhy::report {

// The process's own lines, then each of its stacks with the sources in their order.
std::string process_text(const facts::Process& process, const facts::Facts& facts, const Style& style);

}  // namespace tlswhy::report
