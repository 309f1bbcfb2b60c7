#include "host/remembered_files.h"

namespace tlswhy::host {

base::Result<Stat> RememberedFiles::lstat(const std::string& path) const {
  const auto known = stats_.find(path);
  return known != stats_.end() ? known->second : stats_.emplace(path, files_.lstat(path)).first->second;
}

}  // namespace tlswhy::host
