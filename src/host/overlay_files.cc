#include "host/overlay_files.h"

#include <algorithm>

#include "base/text.h"
#include "host/file_mode.h"

namespace tlswhy::host {

using base::Result;

void OverlayFiles::add_parents(const std::string& path) {
  const std::string parent = base::dir_name(path);
  if (parent == path || lstat(parent)) return;
  add_parents(parent);
  above_.add_directory(parent);
}

void OverlayFiles::write_file(const std::string& path, std::string content) {
  add_parents(path);
  above_.add_file(path, std::move(content));
}

void OverlayFiles::make_link(const std::string& path, const std::string& target) {
  add_parents(path);
  above_.add_link(path, target);
}

Result<void> OverlayFiles::change_mode(const std::string& path, const std::string& mode) {
  TRY(stat, lstat(path));
  TRY(bits, changed_mode(stat.mode, mode, stat.kind == Kind::kDirectory));
  modes_[path] = bits;
  return {};
}

Result<Stat> OverlayFiles::lstat(const std::string& path) const {
  Result<Stat> out = above_.lstat(path);
  // A directory above a changed entry is still the one below.
  if (!out || out->kind == Kind::kDirectory)
    if (auto stat = below_.lstat(path); stat || !out) out = std::move(stat);
  if (const auto mode = modes_.find(path); out && mode != modes_.end()) out->mode = mode->second;
  return out;
}

Result<Bytes> OverlayFiles::read(const std::string& path, std::uint64_t limit) const {
  return above_.lstat(path) ? above_.read(path, limit) : below_.read(path, limit);
}

Result<base::UniqueFd> OverlayFiles::open_file(const std::string& path) const {
  return above_.lstat(path) ? above_.open_file(path) : below_.open_file(path);
}

Result<std::vector<std::string>> OverlayFiles::with_ours(const std::string& path, Result<std::vector<std::string>> names) const {
  const auto ours = above_.list(path);
  if (!ours) return names;
  if (!names) names = std::vector<std::string>{};
  for (const std::string& name : *ours)
    if (std::ranges::find(*names, name) == names->end()) names->push_back(name);
  return names;
}

Result<std::vector<std::string>> OverlayFiles::list(const std::string& path) const {
  auto out = with_ours(path, below_.list(path));
  if (out) std::ranges::sort(*out);
  return out;
}

Result<std::vector<std::string>> OverlayFiles::list_as_stored(const std::string& path) const { return with_ours(path, below_.list_as_stored(path)); }

}  // namespace tlswhy::host
