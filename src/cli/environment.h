#pragma once
// The variables that a stack is asked about with: the caller's, or those of a file.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlswhy::cli {

using Environment = std::map<std::string, std::string>;

// What a file names: lines "NAME=VALUE", as docker and systemd take them, or a copy of /proc/PID/environ. A line that is empty or begins with "#"
// is passed over. kMalformed for another.
base::Result<Environment> parse_environment(std::string_view text, const std::string& path);

// The caller's own variables when `ours`, then those of the file, which win; "" for none.
base::Result<Environment> environment_of(bool ours, const std::string& file);

}  // namespace tlswhy::cli
