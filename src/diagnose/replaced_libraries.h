#pragma once
// Libraries of TLS that a process has in the place of those that its objects would get by themselves: another copy of the same name was there
// first, or LD_LIBRARY_PATH leads to it.

#include <vector>

#include "facts/facts.h"
#include "facts/recording.h"

namespace tlswhy::diagnose {

// Each with why "replaced": `found` is what it has, the first of `searched` what `wanted_by` would get.
std::vector<facts::LibraryFailure> replaced_libraries(const facts::Snapshot& process);

}  // namespace tlswhy::diagnose
