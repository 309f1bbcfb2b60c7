#pragma once
// A readable copy of a store with the names OpenSSL wants, in a temporary directory of our own: the "one changed
// thing" of proofs about permissions, links and hash names.

#include <string>

#include "base/result.h"
#include "host/files.h"

namespace tlswhy::prove {

// Lives as long as the object; the destructor removes it.
class HashedCopy {
 public:
  // Copies every certificate that the bundle file or directory at `path` holds, whatever its names, 10,000 at
  // most. Errors of reading (as ourselves, not as the target's user) and of writing.
  static base::Result<HashedCopy> make(const host::Files& files, const std::string& path);

  HashedCopy(HashedCopy&& other) noexcept : directory_(std::move(other.directory_)) { other.directory_.clear(); }
  HashedCopy& operator=(HashedCopy&&) = delete;
  HashedCopy(const HashedCopy&) = delete;
  HashedCopy& operator=(const HashedCopy&) = delete;
  ~HashedCopy();

  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  explicit HashedCopy(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace tlswhy::prove
