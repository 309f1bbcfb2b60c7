#pragma once
// Lets a thread read on without our stops. A seccomp filter can't be taken out, but the kernel suspends a thread's filters
// while its tracer asks for it (PTRACE_O_SUSPEND_SECCOMP, Linux 4.3, made for checkpointing; ptrace(2)): the tracer needs
// CAP_SYS_ADMIN and no filter of its own. Never done to a thread that has a filter beside ours; one that another thread
// gives it meanwhile (SECCOMP_FILTER_FLAG_TSYNC) is in force from the end of the pause.

#include <sys/types.h>

namespace tlswhy::observe {

// PTRACE_O_SUSPEND_SECCOMP of linux/ptrace.h, which can't be included beside sys/ptrace.h.
constexpr unsigned long kSuspendSeccomp = 1UL << 21;

class FilterPause {
 public:
  // `tid` is stopped. Its calls are not stops until end() is called; `options` are those of PTRACE_SETOPTIONS that it keeps.
  // False, and all stays as it is, where that is not permitted, or the thread has other filters.
  bool begin(pid_t tid, unsigned long options);
  // `tid` is stopped: its calls are stops again.
  static void end(pid_t tid, unsigned long options);

 private:
  bool permitted_ = true;  // as far as is known
};

}  // namespace tlswhy::observe
