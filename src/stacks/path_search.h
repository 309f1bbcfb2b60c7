#pragma once
// The ways from a leaf to an anchor, for stacks that build paths by themselves. OpenSSL and its kin are asked directly (x509/path_check.h).

#include <span>
#include <vector>

#include "stacks/trust.h"

namespace tlswhy::stacks {

using Path = std::vector<x509::Certificate>;

struct SearchRules {
  bool alternatives = false;  // where one issuer leads to nothing good, the next is tried
  bool leaf_may_be_anchor = true;
  bool prefers_valid = false;  // issuers that are in date come first
  std::int64_t time = 0;       // for that; seconds since 1970, 0: now
  int most_issuers = 0;        // above the leaf, the anchor among them; 0: no limit
};

// Paths from the leaf of `chain` to an anchor, in the order in which the stack finds them; the first alone for one that takes no other issuer
// than the first. At most a thousand.
std::vector<Path> paths_to_anchors(const Trust& trust, std::span<const x509::Certificate> chain, const SearchRules& rules);

}  // namespace tlswhy::stacks
