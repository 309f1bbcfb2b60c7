#pragma once
// The seam to a file system: the real one, one process's root (/proc/PID/root, an unpacked image), or
// memory (tests, fuzzers). Primitive calls never follow a link in the last component; `resolve` walks
// links itself, re-rooted, so that a link in a target's root can never lead out of it.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tlswhy::host {

enum class Kind { kFile, kDirectory, kLink, kOther };

// What lstat(2) and readlink(2) tell of one path.
struct Stat {
  Kind kind = Kind::kOther;
  std::uint32_t mode = 0;  // permission bits
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified = 0;  // seconds since 1970
  std::string target;         // of a link
};

using Bytes = std::vector<std::uint8_t>;

class Files {
 public:
  virtual ~Files() = default;
  // Each takes an absolute path inside the root. Errors follow the errno.
  [[nodiscard]] virtual base::Result<Stat> lstat(const std::string& path) const = 0;
  // The whole of a regular file; kLimit when larger than `limit` bytes.
  [[nodiscard]] virtual base::Result<Bytes> read(const std::string& path, std::uint64_t limit) const = 0;
  // A regular file, open for reading; the path must be one that resolve() ends at.
  [[nodiscard]] virtual base::Result<base::UniqueFd> open_file(const std::string& path) const = 0;
  // Sorted names without "." and ".."; kLimit above 100,000 entries.
  [[nodiscard]] virtual base::Result<std::vector<std::string>> list(const std::string& path) const = 0;
  // The same in the order of readdir(3), which is the file system's own.
  [[nodiscard]] virtual base::Result<std::vector<std::string>> list_as_stored(const std::string& path) const { return list(path); }
};

// The real file system below a root directory. Opens with openat2(RESOLVE_IN_ROOT) where the kernel has
// it (5.6), so that a link swapped in while we look cannot lead outside.
class RealFiles : public Files {
 public:
  // Takes the path of the root ("/", "/proc/77/root"); kNotFound or kDenied when it can't be opened.
  static base::Result<std::unique_ptr<RealFiles>> open(const std::string& root);
  // The machine's own.
  static RealFiles machine();
  // Takes an open directory as the root.
  explicit RealFiles(base::UniqueFd root) : root_(std::move(root)) {}

  [[nodiscard]] base::Result<Stat> lstat(const std::string& path) const override;
  [[nodiscard]] base::Result<Bytes> read(const std::string& path, std::uint64_t limit) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list_as_stored(const std::string& path) const override;
  [[nodiscard]] int root_fd() const { return root_.get(); }
  [[nodiscard]] base::Result<base::UniqueFd> open_file(const std::string& path) const override;

 private:
  [[nodiscard]] base::Result<base::UniqueFd> open_regular(const std::string& path, std::uint64_t& size) const;
  [[nodiscard]] base::Result<base::UniqueFd> open_at(const std::string& path, int flags) const;
  base::UniqueFd root_;
};

// A file system in memory.
class MemoryFiles : public Files {
 public:
  // Adds an entry; missing parent directories come with it (mode 0755, root's).
  void add_file(const std::string& path, std::string content, std::uint32_t mode = 0644, uid_t uid = 0);
  void add_directory(const std::string& path, std::uint32_t mode = 0755, uid_t uid = 0);
  void add_link(const std::string& path, const std::string& target);

  [[nodiscard]] base::Result<Stat> lstat(const std::string& path) const override;
  [[nodiscard]] base::Result<Bytes> read(const std::string& path, std::uint64_t limit) const override;
  [[nodiscard]] base::Result<base::UniqueFd> open_file(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override;

 private:
  struct Entry {
    Stat stat;
    std::string content;  // a file's bytes or a link's target
  };
  void add(const std::string& path, Kind kind, std::string content, std::uint32_t mode, uid_t uid);
  [[nodiscard]] base::Result<const Entry*> find(const std::string& path) const;
  std::map<std::string, Entry> entries_;
};

// Who asks. Defaults to "may everything".
struct Credentials {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  bool bypass = true;  // CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH
};

// Where a path ends after every link has been followed.
struct Resolved {
  std::string path;                // the final path, no links in it
  std::vector<std::string> links;  // "a -> b" for each link followed
  Stat stat;
  int error = 0;          // 0, or the errno that open(2) would give to these credentials
  std::string failed_at;  // the component the error belongs to
};

// Walks `path` the way the kernel does (path_resolution(7)): 40 links at most, search permission on each
// directory, read permission on the end when `want_read`. Never fails: the errno is part of the answer.
Resolved resolve(const Files& files, const std::string& path, const Credentials& who = {}, bool want_read = true);

// Every component on the way to `path` that refuses these credentials, the links' own way included, and the end if it may not be read. As far as
// we may look ourselves.
std::vector<std::string> refusing(const Files& files, const std::string& path, const Credentials& who);

// Resolves and opens for reading, resolves and reads; the error carries the errno and the place.
base::Result<base::UniqueFd> open_following(const Files& files, const std::string& path);
base::Result<Bytes> read_following(const Files& files, const std::string& path, std::uint64_t limit, const Credentials& who = {});

}  // namespace tlswhy::host
