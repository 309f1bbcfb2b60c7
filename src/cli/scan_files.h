#pragma once
// The files of one place, as facts: which stacks each holds or loads, what decides for it, where that looks.

#include <functional>

#include "cli/scan_place.h"
#include "cli/scan_search.h"
#include "findings/finding.h"

namespace tlswhy::cli {

// Into the report, with findings. `progress`: called now and then with how many of how many are done.
base::Result<void> scan_place(const ScanPlace& place, Searches& searches, findings::Report& report,
                              const std::function<void(std::size_t done, std::size_t of)>& progress);

}  // namespace tlswhy::cli
