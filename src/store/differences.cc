#include "store/differences.h"

#include <algorithm>

namespace tlswhy::store {
namespace {

void compare(const Holder& has, const Holder& lacks, std::vector<Difference>& out) {
  Difference one{has.name, lacks.name, {}};
  for (const auto& [digest, subject] : has.anchors)
    if (!lacks.anchors.contains(digest)) one.subjects.push_back(subject);
  std::ranges::sort(one.subjects);
  if (!one.subjects.empty()) out.push_back(std::move(one));
}

}  // namespace

Holder holder_of(std::string name, std::span<const x509::Certificate> anchors) {
  Holder out{std::move(name), {}};
  for (const x509::Certificate& one : anchors) out.anchors.emplace(one.sha256(), one.subject());
  return out;
}

std::vector<Holder> holders_of(std::span<const AnchorSet> stores) {
  std::vector<Holder> out;
  for (const AnchorSet& store : stores)
    if (store.status == Status::kOk) out.push_back(holder_of(store.path, store.anchors));
  return out;
}

std::vector<Difference> differences(std::span<const Holder> holders) {
  std::vector<const Holder*> kinds;  // the first of those that hold the same
  for (const Holder& one : holders)
    if (std::ranges::none_of(kinds, [&](const Holder* other) { return other->anchors == one.anchors; })) kinds.push_back(&one);
  std::vector<Difference> out;
  for (const Holder* has : kinds)
    for (const Holder* lacks : kinds)
      if (has != lacks) compare(*has, *lacks, out);
  return out;
}

}  // namespace tlswhy::store
