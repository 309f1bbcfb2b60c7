#pragma once
// Modes as chmod(1) takes them.

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tlswhy::host {

// The permission bits that chmod(1) makes of `mode`, for a directory or a file; kUsage for what it is not that we take.
base::Result<std::uint32_t> changed_mode(std::uint32_t mode, const std::string& change, bool directory);

}  // namespace tlswhy::host
