#pragma once
// What the well-known programs below a root trust, and out of which stores: told by their models, nothing of them is run.

#include <span>
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

// What the same programs would make of `chain` (leaf first) for `host`, "" for any, now.
struct UserVerdict {
  std::string name;
  Verdict verdict;
};
std::vector<UserVerdict> verdicts_of_users(const store::AnchorReader& reader, std::span<const x509::Certificate> chain, const std::string& host);

}  // namespace tlswhy::stacks
