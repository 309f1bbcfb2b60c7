#pragma once
// How trust stores differ: "this bundle trusts a root that that directory does
// not".

#include <map>
#include <span>
#include <string>
#include <vector>

#include "store/anchor_reader.h"

namespace tlswhy::store {

struct Difference {
  std::string has,
      lacks;                          // names; of those that hold the same anchors, the first
  std::vector<std::string> subjects;  // of the anchors that only `has` holds, sorted
};

// What one store or program trusts.
struct Holder {
  std::string name;
  std::map<std::string, std::string> anchors;  // digest → subject
};
Holder holder_of(std::string name, std::span<const x509::Certificate> anchors);
std::vector<Holder> holders_of(std::span<const AnchorSet> stores);  // the usable ones, by path

// Every pair of holders of different anchors, told apart by the digests of the
// whole certificates.
std::vector<Difference> differences(std::span<const Holder> holders);

}  // namespace tlswhy::store
