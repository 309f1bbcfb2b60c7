#pragma once
// A file system of which each entry is looked at once. A hashed directory holds hundreds of links that lead through the same
// few directories; what a directory or a link was like when first seen is what it is taken for until the end.

#include <string>
#include <unordered_map>
#include <vector>

#include "host/files.h"

namespace tlswhy::host {

class RememberedFiles : public Files {
 public:
  // `files` must outlive it. For one thread at a time.
  explicit RememberedFiles(const Files& files) : files_(files) {}

  [[nodiscard]] base::Result<Stat> lstat(const std::string& path) const override;
  // Contents and lists are not kept.
  [[nodiscard]] base::Result<Bytes> read(const std::string& path, std::uint64_t limit) const override { return files_.read(path, limit); }
  [[nodiscard]] base::Result<base::UniqueFd> open_file(const std::string& path) const override { return files_.open_file(path); }
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override { return files_.list(path); }
  [[nodiscard]] base::Result<std::vector<std::string>> list_as_stored(const std::string& path) const override { return files_.list_as_stored(path); }

 private:
  const Files& files_;
  mutable std::unordered_map<std::string, base::Result<Stat>> stats_;
};

}  // namespace tlswhy::host
