#include "observe/launched_child.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>

#include "observe/bare_call.h"

namespace tlswhy::observe {
namespace {

// Kernels before 5.16 slow down what has a filter, against speculative attacks on sandboxes (Documentation/userspace-api/
// spec_ctrl.rst), which this is none of. Kernels before 4.17 don't know the flag.
long set_filter(const sock_fprog& program) {
  const long result = bare_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
  return result == -EINVAL ? bare_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) : result;
}

bool install(std::span<const sock_filter> filter) {
  const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  const long result = set_filter(program);
  // Without CAP_SYS_ADMIN a filter needs no_new_privs. A traced set-uid program would not get its rights then
  // anyway (execve(2): they are withheld while an unprivileged tracer is attached).
  return result == 0 || (result == -EACCES && bare_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_filter(program) == 0);
}

// Whether it was told to go on. By a call that the filter does not stop at: nobody may be there yet to stop for.
bool may_go(int go) {
  pollfd word{go, POLLIN, 0};
  while (bare_call(SYS_ppoll, &word, 1, nullptr, nullptr, 0) == -EINTR) {
  }
  return (word.revents & POLLIN) != 0;
}

// As execvp(3): what is no program is a script for the shell.
int execute(ChildOrders& orders, char* file) {
  long error = -bare_call(SYS_execve, file, &orders.arguments[1], orders.environment);
  if (error != ENOEXEC) return static_cast<int>(error);
  orders.arguments[0] = const_cast<char*>("/bin/sh");
  orders.arguments[1] = file;
  return static_cast<int>(-bare_call(SYS_execve, orders.arguments[0], orders.arguments.data(), orders.environment));
}

// As execvp(3) goes through PATH, from `first` on. The errno that tells most.
int execute_one(ChildOrders& orders, std::size_t first) {
  int error = ENOENT;
  bool denied = false;
  for (std::size_t i = first; i < orders.files.size(); ++i) {
    error = execute(orders, orders.files[i]);
    denied = denied || error == EACCES;
    if (error != EACCES && error != ENOENT && error != ENOTDIR && error != ESTALE && error != ENODEV && error != ETIMEDOUT) return error;
  }
  return denied ? EACCES : error;
}

std::size_t first_there(const ChildOrders& orders) {
  for (std::size_t i = 0; i < orders.files.size(); ++i)
    if (bare_call(SYS_faccessat, AT_FDCWD, orders.files[i], X_OK) == 0) return i;
  return 0;
}

}  // namespace

__attribute__((no_sanitize("address", "undefined"))) void obey(ChildOrders& orders) {
  constexpr std::size_t kMaskSize = 8;                // of the kernel's mask, not of the library's
  constexpr std::array<unsigned long, 4> kDefault{};  // the kernel's sigaction: SIG_DFL
  for (const int signal : orders.default_signals) bare_call(SYS_rt_sigaction, signal, kDefault.data(), nullptr, kMaskSize);
  if (orders.mask != nullptr) bare_call(SYS_rt_sigprocmask, SIG_SETMASK, orders.mask, nullptr, kMaskSize);
  for (const int fd : {orders.parents_go, orders.parents_report}) bare_call(SYS_close, fd);
  // Where Yama lets only ancestors trace (ptrace_scope 1): the tracer, and whoever takes its place, descend from our parent.
  bare_call(SYS_prctl, PR_SET_PTRACER, orders.parent);
  const std::size_t first = first_there(orders);  // now, while the tracer gets ready as well
  // Nothing is said of a filter that is in: saying it would be the first call to stop at.
  if (!orders.filter.empty() && !install(orders.filter)) bare_call(SYS_write, orders.report, &kNoFilter, 1);
  if (may_go(orders.go)) {
    const std::array<char, 2> failed{kExecFailed, static_cast<char>(execute_one(orders, first))};
    bare_call(SYS_write, orders.report, failed.data(), failed.size());
  }
  for (;;) bare_call(SYS_exit_group, 127);
}

}  // namespace tlswhy::observe
