// Runs a command in which ptrace(2) fails with EPERM, as in a container with a strict seccomp profile.

#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ptrace), 0);
  if (seccomp_load(filter) != 0) return 3;
  ::execvp(argv[1], argv + 1);
  return 127;
}
