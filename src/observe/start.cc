// How the tracer starts a command: its process is taken over from our parent or made here, and it runs ahead while its file
// is looked through, as far as nothing of its own can happen.

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/text.h"
#include "observe/launcher.h"
#include "observe/tracer.h"

namespace tlswhy::observe {

using base::Result;

namespace {

bool seize(pid_t pid) { return ::ptrace(PTRACE_SEIZE, pid, nullptr, kTraceOptions) == 0; }

// A look-up of /etc/ld.so.preload or /etc/ld.so.cache is about to be made.
bool reads_loader_settings(pid_t tid) {
  const auto stop = call_stop(tid);
  const TracedCall* call = stop && stop->at == CallStop::At::kEntry && stop->native ? find_call(stop->number) : nullptr;
  if (call == nullptr || call->kind != CallKind::kLookup) return false;
  const auto path = read_string(tid, {stop->arguments[static_cast<unsigned>(call->path)]});
  return path && path->starts_with("/etc/ld.so.");
}

}  // namespace

Result<Launched> Tracer::launch(const std::vector<std::string>& command, bool filtered) const {
  return Launched::make(command, {filtered, options_.default_signals, options_.environment});
}

Result<TraceResult> Tracer::run_untraced(const std::vector<std::string>& command, int error) {
  TRY(child, launch(command, false));
  command_ = child.pid();
  child.start();
  if (options_.lifeline != nullptr) options_.lifeline->started(command_);
  TraceResult result;
  StartReport report;
  wait_untraced(result.wait_status);
  child.read_report(report, true);
  result.exec_error = report.exec_error;
  result.untraced = "ptrace is not permitted here (" + base::errno_name(error) + ")";
  return result;
}

int Tracer::begin(Launched& child, Lifeline* lifeline) {
  if (!seize(child.pid())) return errno;
  if (lifeline != nullptr) lifeline->process(child.pid()), lifeline->started(child.pid());
  CpuFollower::wake_elsewhere(child.pid(), [&] { child.start(); });
  return 0;
}

// What begin() has let go is the command.
void Tracer::follow(pid_t command) {
  command_ = command;
  tasks_[command_] = {command_, nullptr, {}};
  every_call_ = !options_.use_seccomp;
  if (every_call_) ::ptrace(PTRACE_INTERRUPT, command_, nullptr, nullptr);
}

Result<TraceResult> Tracer::run(const std::vector<std::string>& command, std::optional<Launched> begun) {
  if (!begun) {
    TRY(child, launch(command, options_.use_seccomp));
    const int error = begin(child, options_.lifeline);
    begun = std::move(child);
    if (error != 0) return begun.reset(), run_untraced(command, error);
  }
  follow(begun->pid());
  const std::string program = find_program(command.front());
  look_for_exec();
  if (options_.use_breakpoints) breakpoints_.expect(program, [&] { look_for_exec(); });
  look_for_exec();
  if (ahead_) on_exec(command_);
  if (!waited_) follower_.begin();
  pump(true);
  TraceResult result;
  StartReport report;
  begun->read_report(report, false);
  result.exec_error = report.exec_error;
  result.wait_status = command_status_.value_or(0);
  result.leftovers = !tasks_.empty();
  if (options_.use_seccomp && !report.filtered && report.exec_error == 0)
    result.untraced = "the kernel refused the seccomp filter: nothing inside the command was watched";
  return result;
}

void Tracer::wait_untraced(int& status) {
  for (;;) {
    const pid_t done = ::waitpid(command_, &status, WNOHANG | WUNTRACED);
    if (done < 0 && errno != EINTR) return;
    if (done == command_ && !WIFSTOPPED(status)) return;
    if (done == command_ && options_.on_stopped) options_.on_stopped();
    if (options_.while_untraced) options_.while_untraced(command_);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// Called while the program's file is read: the command need not wait for the rest of that, as on_exec() says.
void Tracer::look_for_exec() {
  int status = 0;
  if (ahead_) return pass_loader();
  if (waited_ || ::waitpid(command_, &status, WNOHANG | __WALL) != command_) return;
  ahead_ = status >> 16 == PTRACE_EVENT_EXEC && may_run_ahead(command_);
  if (ahead_)
    CpuFollower::wake_elsewhere(command_, [&] { resume(command_); });
  else
    waited_ = status;
}

// Called while the command runs ahead: its loader's look at its own settings concerns nobody. All else waits until its exec is
// handled; and before any code of the program or a library runs comes the opening of libc, at the least.
void Tracer::pass_loader() {
  int status = 0;
  while (!waited_ && ::waitpid(command_, &status, WNOHANG | __WALL) == command_) {
    if (status >> 16 == PTRACE_EVENT_SECCOMP && reads_loader_settings(command_))
      CpuFollower::wake_elsewhere(command_, [&] { resume(command_); });
    else
      waited_ = status;
  }
}

// Whether what has been executed need not wait for us, the first time that it is asked: glibc's loader begins with a call that we
// stop at, looking for /etc/ld.so.preload (elf/rtld.c, dl_main), so the program's own code waits all the same. Of the
// file that the command was looked up as; that it is still that one would take a look at /proc, the longest part of this stop.
bool Tracer::may_run_ahead(pid_t tid) { return tid == command_ && !std::exchange(executed_, true) && !every_call_ && breakpoints_.expects_glibc(); }

}  // namespace tlswhy::observe
