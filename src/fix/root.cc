#include "fix/root.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "host/self.h"

namespace tlswhy::fix {
namespace {

int open_in(int root, const std::string& path, unsigned flags) {
  open_how how{};
  how.flags = flags | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

}  // namespace

std::string Place::path() const { return fmt::format("/proc/self/fd/{}/{}", folder.get(), name); }

base::Result<Root> Root::open(const std::string& path) {
  TRY(files, host::RealFiles::open(path));
  return Root(host::real_path(path), std::move(files));
}

base::Result<Place> Root::place(const std::string& path) const {
  const std::string name(base::base_name(path)), folder = base::dir_name(path);
  if (!path.starts_with('/') || name.empty() || name == "." || name == "..") return base::fail(base::Code::kUsage, "not the path of a file", path);
  Place out{base::UniqueFd(open_in(files_->root_fd(), folder, O_RDONLY)), name};
  if (!out.folder.valid() && errno == EACCES) {
    out.folder.reset(open_in(files_->root_fd(), folder, O_PATH));
    out.can_sync = false;
  }
  // Before Linux 5.6 only the machine itself can be changed.
  if (!out.folder.valid() && errno == ENOSYS && is_machine()) out.folder.reset(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!out.folder.valid()) return base::fail_errno(errno, "can't open the folder", folder);
  return out;
}

}  // namespace tlswhy::fix
