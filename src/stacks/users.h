#pragma once
// What the well-known programs below a root trust, and out of which stores: told by their models, nothing of them is run.

#include <string>
#include <vector>

#include "stacks/trust.h"

namespace tlswhy::stacks {

struct User {
  std::string name;                 // "curl"
  std::vector<std::string> stores;  // that it finds anchors in, at the end of their links
  std::vector<x509::Certificate> anchors;
};

// Of those programs the ones that are there, with an environment that says nothing. `reader`: of the root, with all rights.
std::vector<User> users_of_stores(const store::AnchorReader& reader);

}  // namespace tlswhy::stacks
