#pragma once
// What works on the same machine: the answer to "but curl works here".

#include <string>
#include <vector>

#include "diagnose/analyse.h"

namespace tlswhy::diagnose {

// One sentence per TLS library of the machine that holds the anchor which the first failed chain needs.
std::vector<std::string> neighbours(const Analysis& analysis);

}  // namespace tlswhy::diagnose
