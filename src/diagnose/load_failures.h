#pragma once
// Which TLS libraries a process that failed could not load, and why: by what it looked for, what it had mapped as it ended, and the files.

#include <vector>

#include "facts/facts.h"
#include "facts/recording.h"

namespace tlswhy::diagnose {

// Of `process` as it ended. What was found, mapped and closed again in good order is none of them.
std::vector<facts::LibraryFailure> load_failures(const facts::Snapshot& process, const std::vector<facts::Lookup>& lookups);

}  // namespace tlswhy::diagnose
