#include "base/temporary_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace tlswhy::base {

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<std::string> TemporaryFile::write(std::string_view text) {
  std::string path = "/tmp/tlswhy-XXXXXX";
  const UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "can't make a temporary file");
  path_ = path;
  if (::fchmod(fd.get(), 0644) != 0) return fail_errno(errno, "can't make a temporary file", path);
  while (!text.empty()) {
    const ssize_t put = ::write(fd.get(), text.data(), text.size());
    if (put <= 0) return fail_errno(errno, "can't write", path);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return path;
}

}  // namespace tlswhy::base
