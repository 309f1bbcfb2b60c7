#include "diagnose/surroundings.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "base/text.h"
#include "base/time.h"
#include "host/self.h"
#include "store/distributions.h"

namespace tlswhy::diagnose {
namespace {

constexpr std::uint64_t kMaxFile = 64U << 10;

// Written with each package, and with each library.
constexpr std::array<const char*, 5> kWritten{"/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite", "/lib/apk/db/installed", "/var/lib/pacman/local",
                                              "/etc/ld.so.cache"};

std::optional<bool> synchronised() {
  timex clock{};  // no modes: only asked
  return ::adjtimex(&clock) < 0 ? std::nullopt : std::optional((clock.status & STA_UNSYNC) == 0);
}

bool may_trace_all() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  return ::syscall(SYS_capget, &header, data.data()) == 0 && (data[0].effective & (1U << CAP_SYS_PTRACE)) != 0;
}

std::optional<int> ptrace_scope(const host::Files& files) {
  const auto text = files.read("/proc/sys/kernel/yama/ptrace_scope", kMaxFile);
  if (!text || text->empty() || text->front() < '0' || text->front() > '3') return std::nullopt;
  return text->front() - '0';
}

}  // namespace

facts::Clock clock_of(const host::Files& files) {
  facts::Clock out;
  std::int64_t newest = 0;
  for (const char* path : kWritten) {
    const auto stat = files.lstat(path);
    if (!stat || stat->modified <= newest) continue;
    newest = stat->modified;
    out.newest_file = path;
  }
  if (newest != 0) out.newest_file_time = base::time_text(newest);
  return out;
}

facts::System name_of_system(const host::Files& files) {
  const store::OsRelease found = store::os_release(files);
  return {base::printable(found.id), base::printable(found.version), base::printable(found.name)};
}

void describe_surroundings(const host::Files& files, facts::Facts& out) {
  out.observed_at = base::time_text(std::time(nullptr));
  out.clock = clock_of(files);
  out.clock.synchronised = synchronised();
  out.system = name_of_system(files);
  const host::Credentials self = host::our_credentials();
  out.observer = {self.uid, self.bypass, may_trace_all(), ptrace_scope(files)};
}

}  // namespace tlswhy::diagnose
