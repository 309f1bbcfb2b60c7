// A tracer that stops a command where `tlswhy run` does, and does nothing there: what any tracer of these calls costs.
// floor CMD [ARG...] exits as CMD does.

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "observe/launcher.h"
#include "observe/tracer.h"

using tlswhy::observe::Launched;

namespace {

constexpr int kFailed = 125;  // as env(1) has it

// Until the command ends; of the processes that it leaves behind nothing is told.
int follow(pid_t command) {
  for (int status = 0;;) {
    const pid_t tid = ::waitpid(-1, &status, __WALL);
    if (tid < 0) return kFailed;
    if (WIFSTOPPED(status)) {
      const bool signal = status >> 16 == 0;  // on its way to the program
      ::ptrace(PTRACE_CONT, tid, nullptr, signal ? WSTOPSIG(status) : 0);
    } else if (tid == command) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> command(words + 1, words + count);
  if (command.empty()) return kFailed;
  auto child = Launched::make(command, {.filtered = true});
  if (!child || ::ptrace(PTRACE_SEIZE, child->pid(), nullptr, tlswhy::observe::kTraceOptions) != 0) return kFailed;
  child->start();
  return follow(child->pid());
}
