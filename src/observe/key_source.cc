#include "observe/key_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace tlswhy::observe {

base::Result<KeySource> KeySource::make() {
  KeySource out;
  const char* given = std::getenv("SSLKEYLOGFILE");
  if (given != nullptr && *given != '\0') {
    out.path_ = given;
    out.file_.reset(::open(given, O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!out.file_.valid()) return base::fail_errno(errno, "can't read SSLKEYLOGFILE", given);
    const off_t end = ::lseek(out.file_.get(), 0, SEEK_END);
    out.read_ = end > 0 ? static_cast<std::uint64_t>(end) : 0;
    return out;
  }
  out.file_.reset(::memfd_create("tls-secrets", MFD_CLOEXEC));
  if (!out.file_.valid()) return base::fail_errno(errno, "can't make a memory file");
  out.path_ = fmt::format("/proc/{}/fd/{}", ::getpid(), out.file_.get());
  return out;
}

void KeySource::refresh() {
  std::array<char, 8192> piece{};
  for (;;) {
    const ssize_t got = ::pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(read_));
    if (got <= 0) return;
    read_ += static_cast<std::uint64_t>(got);
    keys_.add({piece.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace tlswhy::observe
