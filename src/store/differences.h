#pragma once
// How trust stores differ: "this bundle trusts a root that that directory does not".

#include <span>
#include <string>
#include <vector>

#include "store/trust_store.h"

namespace tlswhy::store {

struct Difference {
  std::string has, lacks;             // paths of stores; of those that hold the same anchors, the first
  std::vector<std::string> subjects;  // of the anchors that only `has` holds, sorted
};

// Every pair of usable stores that hold different anchors, told apart by the digests of the whole certificates.
std::vector<Difference> differences(std::span<const TrustStore> stores);

}  // namespace tlswhy::store
