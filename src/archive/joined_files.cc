#include "archive/joined_files.h"

#include <algorithm>

namespace tlswhy::archive {

using base::Result;

std::string JoinedFiles::above(const std::string& path) const {
  if (at_.empty()) return path;
  if (path == at_) return "/";
  return path.starts_with(at_ + "/") ? path.substr(at_.size()) : "";
}

bool JoinedFiles::is_above(const std::string& path) const {
  const std::string name = above(path);
  return !name.empty() && above_.lstat(name).has_value();
}

// A directory of both is the one below.
Result<host::Stat> JoinedFiles::lstat(const std::string& path) const {
  const std::string name = above(path);
  auto out = name.empty() ? below_.lstat(path) : above_.lstat(name);
  if (name.empty() || (out && out->kind != host::Kind::kDirectory)) return out;
  if (auto under = below_.lstat(path); under && (!out || under->kind == host::Kind::kDirectory || under->kind == host::Kind::kLink)) return under;
  return out;
}

Result<host::Bytes> JoinedFiles::read(const std::string& path, std::uint64_t limit) const {
  return is_above(path) ? above_.read(above(path), limit) : below_.read(path, limit);
}

Result<base::UniqueFd> JoinedFiles::open_file(const std::string& path) const {
  return is_above(path) ? above_.open_file(above(path)) : below_.open_file(path);
}

Result<std::vector<std::string>> JoinedFiles::with_above(const std::string& path, Result<std::vector<std::string>> names) const {
  const std::string name = above(path);
  const auto more = name.empty() ? Result<std::vector<std::string>>(std::vector<std::string>{}) : above_.list(name);
  if (!more) return names;
  if (!names && !name.empty()) names = std::vector<std::string>{};
  if (!names) return names;
  for (const std::string& one : *more)
    if (std::ranges::find(*names, one) == names->end()) names->push_back(one);
  return names;
}

Result<std::vector<std::string>> JoinedFiles::list(const std::string& path) const {
  auto out = with_above(path, below_.list(path));
  if (out) std::ranges::sort(*out);
  return out;
}

Result<std::vector<std::string>> JoinedFiles::list_as_stored(const std::string& path) const { return with_above(path, below_.list_as_stored(path)); }

}  // namespace tlswhy::archive
