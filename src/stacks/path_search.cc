#include "stacks/path_search.h"

#include <algorithm>

namespace tlswhy::stacks {
namespace {

constexpr std::size_t kMostPaths = 1'000, kMostSteps = 10'000, kMostCertificates = 100;

bool holds(std::span<const x509::Certificate> all, const x509::Certificate& certificate) {
  return std::ranges::any_of(all, [&](const auto& other) { return other.der() == certificate.der(); });
}

class Search {
 public:
  Search(const Trust& trust, std::span<const x509::Certificate> chain, const SearchRules& rules) : trust_(trust), chain_(chain), rules_(rules) {}

  std::vector<Path> run() {
    if (chain_.empty()) return {};
    Path path{chain_.front()};
    const bool anchor = rules_.leaf_may_be_anchor && ends(path.front());
    if (anchor) found_.push_back(path);
    if (!anchor || rules_.alternatives) extend(path);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool ends(const x509::Certificate& certificate) const {
    return holds(trust_.anchors, certificate) && (trust_.partial_chain || certificate.self_issued());
  }
  [[nodiscard]] bool done() const { return found_.size() >= (rules_.alternatives ? kMostPaths : 1) || ++steps_ > kMostSteps; }

  // What may stand above `certificate`, in the stack's order.
  [[nodiscard]] std::vector<const x509::Certificate*> issuers(const x509::Certificate& certificate) const {
    std::vector<const x509::Certificate*> stored, sent;
    for (const x509::Certificate& anchor : trust_.anchors)
      if (certificate.signed_by(anchor)) stored.push_back(&anchor);
    for (const x509::Certificate& other : chain_)
      if (certificate.signed_by(other) && !holds(trust_.anchors, other)) sent.push_back(&other);
    auto& first = trust_.prefers == Preference::kStore ? stored : sent;
    auto& second = trust_.prefers == Preference::kStore ? sent : stored;
    std::ranges::copy(second, std::back_inserter(first));
    if (rules_.prefers_valid) std::ranges::stable_partition(first, [&](const x509::Certificate* issuer) { return issuer->valid_at(rules_.time); });
    return std::move(first);
  }

  void extend(Path& path) {
    const std::size_t most = rules_.most_issuers > 0 ? static_cast<std::size_t>(rules_.most_issuers) + 1 : kMostCertificates;
    if (path.size() >= most) return;
    for (const x509::Certificate* issuer : issuers(path.back())) {
      if (done()) return;
      if (holds(path, *issuer)) continue;
      path.push_back(*issuer);
      if (ends(*issuer))
        found_.push_back(path);
      else
        extend(path);
      path.pop_back();
      if (!rules_.alternatives) return;
    }
  }

  const Trust& trust_;
  std::span<const x509::Certificate> chain_;
  const SearchRules& rules_;
  std::vector<Path> found_;
  mutable std::size_t steps_ = 0;
};

}  // namespace

std::vector<Path> paths_to_anchors(const Trust& trust, std::span<const x509::Certificate> chain, const SearchRules& rules) {
  return Search(trust, chain, rules).run();
}

}  // namespace tlswhy::stacks
