#include "store/differences.h"

#include <algorithm>
#include <map>

namespace tlswhy::store {
namespace {

using Anchors = std::map<std::string, std::string>;  // digest → subject

Anchors anchors_of(const TrustStore& store) {
  Anchors out;
  for (const x509::Certificate& one : store.anchors) out.emplace(one.sha256(), one.subject());
  return out;
}

void compare(const std::string& has, const Anchors& mine, const std::string& lacks, const Anchors& theirs, std::vector<Difference>& out) {
  Difference one{has, lacks, {}};
  for (const auto& [digest, subject] : mine)
    if (!theirs.contains(digest)) one.subjects.push_back(subject);
  std::ranges::sort(one.subjects);
  if (!one.subjects.empty()) out.push_back(std::move(one));
}

}  // namespace

std::vector<Difference> differences(std::span<const TrustStore> stores) {
  std::map<Anchors, std::string> kinds;  // what a store holds → the first that holds just that
  for (const TrustStore& store : stores)
    if (store.status == Status::kOk) kinds.emplace(anchors_of(store), store.path);
  std::vector<Difference> out;
  for (const auto& [mine, has] : kinds)
    for (const auto& [theirs, lacks] : kinds)
      if (&mine != &theirs) compare(has, mine, lacks, theirs, out);
  return out;
}

}  // namespace tlswhy::store
