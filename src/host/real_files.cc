#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "host/files.h"

namespace tlswhy::host {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::UniqueFd;

namespace {

constexpr std::size_t kMaxEntries = 100'000;

Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return Kind::kFile;
  if (S_ISDIR(mode)) return Kind::kDirectory;
  return S_ISLNK(mode) ? Kind::kLink : Kind::kOther;
}

Result<std::uint64_t> read_all(int fd, Bytes& out, const std::string& path) {
  std::uint64_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::read(fd, out.data() + filled, out.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "can't read", path);
    if (got == 0) break;
    filled += static_cast<std::uint64_t>(got);
  }
  return filled;
}

}  // namespace

RealFiles RealFiles::machine() { return RealFiles(base::UniqueFd(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC))); }

Result<std::unique_ptr<RealFiles>> RealFiles::open(const std::string& root) {
  UniqueFd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "can't open this root", root);
  return std::make_unique<RealFiles>(std::move(fd));
}

Result<UniqueFd> RealFiles::open_at(const std::string& path, int flags) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const std::string inside = path.empty() || path == "/" ? "." : path;
  auto fd = static_cast<int>(::syscall(SYS_openat2, root_.get(), inside.c_str(), &how, sizeof how));
  if (fd < 0 && errno == ENOSYS) fd = ::openat(root_.get(), inside.c_str() + (inside[0] == '/'), flags | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return fail_errno(errno, "can't open", path);
  return UniqueFd(fd);
}

Result<Stat> RealFiles::lstat(const std::string& path) const {
  TRY(fd, open_at(path, O_PATH));
  struct stat st{};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(errno, "can't stat", path);
  Stat out{kind_of(st.st_mode), st.st_mode & 07777U, st.st_uid,         st.st_gid, static_cast<std::uint64_t>(st.st_size),
           st.st_dev,           st.st_ino,           st.st_mtim.tv_sec, {}};
  if (out.kind != Kind::kLink) return out;
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(fd.get(), "", target.data(), target.size());
  if (size < 0) return fail_errno(errno, "can't read the link", path);
  out.target.assign(target.data(), static_cast<std::size_t>(size));
  return out;
}

Result<UniqueFd> RealFiles::open_regular(const std::string& path, std::uint64_t& size) const {
  // O_NONBLOCK: a FIFO at this path must not hang us.
  TRY(fd, open_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  struct stat st{};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(errno, "can't stat", path);
  if (!S_ISREG(st.st_mode)) return fail(Code::kUnsupported, "not a regular file", path);
  size = static_cast<std::uint64_t>(st.st_size);
  return fd;
}

Result<UniqueFd> RealFiles::open_file(const std::string& path) const {
  std::uint64_t size = 0;
  return open_regular(path, size);
}

Result<Bytes> RealFiles::read(const std::string& path, std::uint64_t limit) const {
  std::uint64_t size = 0;
  TRY(fd, open_regular(path, size));
  if (size > limit) return fail(Code::kLimit, "file is too large to read", path);
  Bytes out(size);
  TRY(filled, read_all(fd.get(), out, path));
  out.resize(filled);
  return out;
}

Result<std::vector<std::string>> RealFiles::list_as_stored(const std::string& path) const {
  TRY(fd, open_at(path, O_RDONLY | O_DIRECTORY));
  DIR* dir = ::fdopendir(fd.get());
  if (dir == nullptr) return fail_errno(errno, "can't list", path);
  (void)fd.release();  // closedir owns it now
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    if (names.size() > kMaxEntries) break;
  }
  ::closedir(dir);
  if (names.size() > kMaxEntries) return fail(Code::kLimit, "more than 100000 entries", path);
  return names;
}

Result<std::vector<std::string>> RealFiles::list(const std::string& path) const {
  TRY(names, list_as_stored(path));
  std::ranges::sort(names);
  return names;
}

}  // namespace tlswhy::host
