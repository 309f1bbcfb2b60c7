#include "archive/name.h"

#include <climits>

#include "base/text.h"

namespace tlswhy::archive {

std::optional<std::string> tree_path(std::string_view name) {
  constexpr std::size_t kDeepest = 256;
  if (name.empty() || name.size() > PATH_MAX || name.starts_with('/') || name.contains('\0')) return std::nullopt;
  std::string out;
  std::size_t parts = 0;
  for (const std::string& part : base::split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." || part.size() > NAME_MAX || ++parts > kDeepest) return std::nullopt;
    out += "/" + part;
  }
  return out.empty() ? "/" : out;
}

}  // namespace tlswhy::archive
