#pragma once
// Which of the well-known programs below a root read which store: told by their models, nothing of them is run.

#include <map>
#include <string>
#include <vector>

#include "stacks/trust.h"

namespace tlswhy::stacks {

// Programs by the store that they find anchors in, at the end of its links: "/etc/ssl/certs" → {"curl", "git"}.
std::map<std::string, std::vector<std::string>> users_of_stores(const Eyes& eyes, const Spec& defaults);

}  // namespace tlswhy::stacks
