#pragma once
// Runs a command under ptrace with a seccomp filter that stops it only at the calls of syscalls.h, and tells
// an Events listener what happens. Nothing is injected; the command's results never change. ptrace(2),
// seccomp(2); PTRACE_SEIZE, so that stops of job control work as they should.

#include <sys/ptrace.h>
#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "observe/breakpoints.h"
#include "observe/call_watcher.h"
#include "observe/cpu_follower.h"
#include "observe/events.h"
#include "observe/filter_pause.h"
#include "observe/launcher.h"
#include "observe/lifeline.h"
#include "observe/syscalls.h"
#include "observe/tracee.h"

namespace tlswhy::observe {

// What PTRACE_SEIZE asks for. Without PTRACE_O_EXITKILL: our end is not the command's.
constexpr unsigned long kTraceOptions =
    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;

struct TraceOptions {
  bool use_breakpoints = true;                          // in TLS libraries
  bool use_seccomp = true;                              // off: stop at every call (slow; for kernels without seccomp)
  Lifeline* lifeline = nullptr;                         // kept up to date, so that another can take our place
  std::map<std::string, std::string> environment = {};  // set in the command beside ours
  std::vector<int> default_signals = {};                // set to their default in the command (tlswhy ignores them)
  std::function<void()> on_stopped = {};                // the command stopped by job control
  std::function<void(pid_t)> while_untraced = {};       // called about every 5 ms while it runs unwatched
};

// How it began and ended.
struct TraceResult {
  int wait_status = 0;     // of the command, as waitpid(2) gives it
  int exec_error = 0;      // errno of the exec that failed; then nothing ran
  std::string untraced;    // why it ran without being watched, "" if it was watched
  bool leftovers = false;  // traced processes are still running
};

class Tracer {
 public:
  explicit Tracer(Events& events, TraceOptions options = {})
      : events_(events), options_(std::move(options)), watcher_(events), breakpoints_(watcher_, options_.lifeline) {}

  // Becomes the tracer of a command's process, which somebody else may have made, and lets it go on; from its first traced call on
  // it waits for run(), in this thread. 0, or the errno of ptrace(2) when it may not be traced: then it waits still.
  [[nodiscard]] static int begin(Launched& child, Lifeline* lifeline);
  // Runs the command with the caller's descriptors, environment and signal dispositions, until it ends. `begun`: its process,
  // if there is one. Errors: only when not even a process could be made.
  base::Result<TraceResult> run(const std::vector<std::string>& command, std::optional<Launched> begun = std::nullopt);

  // Attaches to a running process, watches it for `seconds` or until SIGINT, SIGTERM, SIGQUIT or SIGHUP, and lets it go as it was. In a
  // thread that ends then: what sleeps in a call is let go by that end. No thread may take SIGCHLD or those signals otherwise. A call
  // that signals interrupt for good (epoll_wait(2), see signal(7)) may return EINTR once, as under strace -p. The errno of ptrace(2)
  // when attaching is not permitted.
  base::Result<void> watch(pid_t pid, unsigned seconds);

  // After run() left processes behind: lets them go on undisturbed until the last one ends. They cannot be
  // detached before: calls that the filter traces fail with ENOSYS once their tracer is gone (seccomp(2)).
  void keep_leftovers();

 private:
  struct Task {
    pid_t group = 0;
    const TracedCall* pending = nullptr;  // stop at its exit
    CallStop call = {};
    bool in_call = false;      // and its end will be a stop; not so while it makes a process
    bool exit_stops = false;   // PTRACE_O_TRACEEXIT is set
    bool paused = false;       // until its next stop its calls are none
    int store_fd = -1;         // what the call that loads a store has read first
    unsigned store_reads = 0;  // of it
    [[nodiscard]] unsigned long options() const { return exit_stops ? kTraceOptions | PTRACE_O_TRACEEXIT : kTraceOptions; }
    int library_fd = -1;  // a TLS library that is being mapped: every call stops until it is closed
  };

  base::Result<Launched> launch(const std::vector<std::string>& command, bool filtered) const;
  base::Result<TraceResult> run_untraced(const std::vector<std::string>& command, int error);
  void follow(pid_t command);
  void wait_untraced(int& status);
  base::Result<void> attach(pid_t pid);
  void detach_all();
  void let_go(pid_t tid, int status);
  bool pump(bool until_command_ends);
  bool wait_loop(bool until_command_ends);
  void look_for_exec();
  void pass_loader();
  bool may_run_ahead(pid_t tid);
  void handle(pid_t tid, int status);
  void on_event(pid_t tid, int event, int signal);
  void on_new_task(pid_t parent, pid_t child, int event);
  void on_exec(pid_t tid);
  void on_call(pid_t tid, Task& task);
  void on_entry(pid_t tid, Task& task);
  void on_exit_of(pid_t tid, Task& task);
  void reads_file(pid_t tid, Task& task);
  static void end_pause(pid_t tid, Task& task);
  void unseen_call(pid_t tid, const Task& task);
  void connects(pid_t tid, const Task& task, RemoteAddress address, std::uint64_t size, int error);
  void data_call(pid_t tid, Task& task, std::int64_t result);
  void resume(pid_t tid, int signal = 0);
  void on_gone(pid_t tid, int status);
  bool on_trap(pid_t tid);
  void library_opened(Task& task, const std::string& path, std::int64_t fd);

  Events& events_;
  TraceOptions options_;
  std::map<pid_t, Task> tasks_;
  std::set<pid_t> early_;  // stopped before their parent's fork event was seen
  pid_t command_ = 0;
  std::optional<int> command_status_;
  std::optional<int> waited_;  // a stop of the command that is still to be handled, behind its exec
  bool executed_ = false;      // the command's first exec is seen
  bool ahead_ = false;         // that exec is still to be handled, and the command runs already
  bool every_call_ = false;
  bool leaving_ = false;  // letting everybody go
  bool quiet_ = false;    // keeping leftovers: no more events
  CallWatcher watcher_;
  Breakpoints breakpoints_;
  CpuFollower follower_;
  FilterPause pause_;
};

}  // namespace tlswhy::observe
