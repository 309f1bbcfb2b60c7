#include "host/proc_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "base/unique_fd.h"

namespace tlswhy::host {

base::Result<std::string> read_to_end(const std::string& path) {
  constexpr std::size_t kLimit = 16U << 20;
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return base::fail_errno(errno, "can't open", path);
  std::string out;
  std::array<char, 16384> piece{};
  while (out.size() < kLimit) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail_errno(errno, "can't read", path);
    if (got == 0) break;
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
  return out;
}

base::Result<std::string> read_proc(pid_t pid, const char* name) { return read_to_end(fmt::format("/proc/{}/{}", pid, name)); }

std::string proc_link(pid_t pid, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const std::string path = fmt::format("/proc/{}/{}", pid, name);
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  return size <= 0 ? "" : std::string(target.data(), static_cast<std::size_t>(size));
}

}  // namespace tlswhy::host
