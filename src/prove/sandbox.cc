#include "prove/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

namespace tlswhy::prove {

using base::fail_errno;
using base::Result;

namespace {

// What a libcrypto needs to load, read its store, and talk over a socket that it was given.
constexpr std::array kAllowed{
    SCMP_SYS(read),         SCMP_SYS(write),       SCMP_SYS(readv),       SCMP_SYS(writev),         SCMP_SYS(pread64),
    SCMP_SYS(lseek),        SCMP_SYS(close),       SCMP_SYS(fstat),       SCMP_SYS(stat),           SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),   SCMP_SYS(statx),       SCMP_SYS(access),      SCMP_SYS(faccessat),      SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),     SCMP_SYS(readlinkat),  SCMP_SYS(getdents64),  SCMP_SYS(getcwd),         SCMP_SYS(mmap),
    SCMP_SYS(mprotect),     SCMP_SYS(munmap),      SCMP_SYS(mremap),      SCMP_SYS(madvise),        SCMP_SYS(brk),
    SCMP_SYS(mlock),        SCMP_SYS(munlock),     SCMP_SYS(futex),       SCMP_SYS(rt_sigaction),   SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(getrandom),   SCMP_SYS(clock_gettime),  SCMP_SYS(gettimeofday),
    SCMP_SYS(time),         SCMP_SYS(getpid),      SCMP_SYS(gettid),      SCMP_SYS(getuid),         SCMP_SYS(geteuid),
    SCMP_SYS(getgid),       SCMP_SYS(getegid),     SCMP_SYS(uname),       SCMP_SYS(sysinfo),        SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),  SCMP_SYS(getrusage),   SCMP_SYS(times),       SCMP_SYS(prlimit64),      SCMP_SYS(poll),
    SCMP_SYS(ppoll),        SCMP_SYS(select),      SCMP_SYS(pselect6),    SCMP_SYS(recvfrom),       SCMP_SYS(recvmsg),
    SCMP_SYS(shutdown),     SCMP_SYS(getsockopt),  SCMP_SYS(getpeername), SCMP_SYS(getsockname),    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),         SCMP_SYS(exit),        SCMP_SYS(exit_group),  SCMP_SYS(restart_syscall)};

void limit(__rlimit_resource what, rlim_t value) {
  const rlimit bound{value, value};
  ::setrlimit(what, &bound);
}

Result<void> load_filter() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  if (!filter) return base::fail(base::Code::kSystem, "libseccomp can't start");
  int error = 0;
  for (const int call : kAllowed)
    if (error == 0) error = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
  // Opening only to read.
  constexpr auto kForbidden = static_cast<scmp_datum_t>(O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY));
  const std::array rules{std::pair{SCMP_SYS(openat), 2U}, std::pair{SCMP_SYS(open), 1U}};
  for (const auto& [call, flags] : rules)
    if (error == 0) error = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1, scmp_arg_cmp{flags, SCMP_CMP_MASKED_EQ, kForbidden, O_RDONLY});
  // Sending only where the socket is connected already (no address given).
  if (error == 0) error = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, scmp_arg_cmp{4, SCMP_CMP_EQ, 0, 0});
  if (error == 0) error = seccomp_load(filter.get());
  if (error != 0) return fail_errno(-error, "can't set up the sandbox");
  return {};
}

}  // namespace

Result<void> enter_sandbox() {
  limit(RLIMIT_CPU, 10);
  limit(RLIMIT_AS, 4UL << 30);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  ::alarm(20);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno(errno, "can't give up privileges");
  return load_filter();
}

}  // namespace tlswhy::prove
