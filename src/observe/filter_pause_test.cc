#include "observe/filter_pause.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>

#include "tests/tracing.h"

namespace tlswhy::observe {
namespace {

// getppid(2) fails with EPERM under it.
bool add_filter() {
  std::array program{sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                     sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                     sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog all{program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == 0;
}

// A traced child with so many filters, stopped. Each step() lets it call getppid(2), and tells whether that failed.
class Filtered {
 public:
  explicit Filtered(int filters)
      : child_([filters] {
          for (int i = 0; i < filters; ++i)
            if (!add_filter()) ::_exit(1);
          for (;;) ::raise(::syscall(SYS_getppid) < 0 ? SIGUSR1 : SIGUSR2);
        }) {}
  bool fails_next() {
    int status = 0;
    ::ptrace(PTRACE_CONT, pid(), nullptr, nullptr);
    ::waitpid(pid(), &status, 0);
    return WIFSTOPPED(status) && WSTOPSIG(status) == SIGUSR1;
  }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }

 private:
  TracedChild child_;
};

TEST(FilterPause, SuspendsOneFilterUntilItsEnd) {
  Filtered child(1);
  EXPECT_TRUE(child.fails_next());
  FilterPause pause;
  if (!pause.begin(child.pid(), 0)) GTEST_SKIP() << "needs CAP_SYS_ADMIN and CONFIG_CHECKPOINT_RESTORE";
  EXPECT_FALSE(child.fails_next());
  EXPECT_FALSE(child.fails_next());
  FilterPause::end(child.pid(), 0);
  EXPECT_TRUE(child.fails_next());
}

TEST(FilterPause, LeavesSomebodyElsesFilterInForce) {
  Filtered child(2);
  FilterPause pause;
  EXPECT_FALSE(pause.begin(child.pid(), 0));
  EXPECT_TRUE(child.fails_next());
}

}  // namespace
}  // namespace tlswhy::observe
