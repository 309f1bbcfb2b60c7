#include "store/public_roots.h"

#include <algorithm>
#include <array>

namespace tlswhy::store {
namespace {

struct Root {
  std::string_view sha256, subject;
};
constexpr Root kRoots[] = {
#include "public_roots.inc"  // written by make_public_roots
};

}  // namespace

bool is_public_name(std::string_view subject) { return std::ranges::find(kRoots, subject, &Root::subject) != std::ranges::end(kRoots); }
bool is_public_root(std::string_view sha256) { return std::ranges::find(kRoots, sha256, &Root::sha256) != std::ranges::end(kRoots); }
std::string_view public_roots_date() { return kRoots[0].subject; }

}  // namespace tlswhy::store
