#pragma once
// What tlswhy itself is on this machine.

#include <string>

#include "host/files.h"

namespace tlswhy::host {

// The rights that this process has.
Credentials our_credentials();

// `path` with every link followed; as it is when that fails.
std::string real_path(const std::string& path);

}  // namespace tlswhy::host
