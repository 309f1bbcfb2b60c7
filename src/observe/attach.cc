// Attaching to what runs already, and letting it go. Without a seccomp filter every call of the process stops: a filter
// can't be put into another process, nor taken out again.

#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <string_view>

#include "base/text.h"
#include "host/proc_files.h"
#include "host/proc_text.h"
#include "observe/tracer.h"

namespace tlswhy::observe {

using base::Result;

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::milliseconds(500);  // with a thread that does not stop although it is told to

// 0: nobody.
pid_t tracer_of(pid_t pid) {
  constexpr std::string_view kName = "\nTracerPid:\t";
  const auto status = host::read_proc(pid, "status");
  const std::size_t at = status ? status->find(kName) : std::string::npos;
  pid_t tracer = 0;
  if (at != std::string::npos) std::from_chars(status->data() + at + kName.size(), status->data() + status->size(), tracer);
  return tracer;
}

// A thread has one tracer.
std::string other_tracer(pid_t pid) {
  const pid_t tracer = tracer_of(pid);
  if (tracer == 0) return "";
  const auto status = host::read_proc(tracer, "status");
  return fmt::format(", which process {} ({}) traces already", tracer, status ? base::printable(host::parse_status(*status).name) : "?");
}

// Of signals that the caller has blocked: one that is there, or comes before `end`; 0 otherwise.
int wait_for_signal(const sigset_t& signals, Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(std::max(end - Clock::now(), Clock::duration::zero())).count();
  const timespec limit{left / 1'000'000'000, left % 1'000'000'000};
  return std::max(::sigtimedwait(&signals, nullptr, &limit), 0);
}

// SIGHUP only where it would end us: not under nohup(1).
sigset_t ending_signals() {
  sigset_t out;
  sigemptyset(&out);
  struct sigaction hangup{};
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP})
    if (signal != SIGHUP || (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN)) sigaddset(&out, signal);
  return out;
}

}  // namespace

Result<void> Tracer::attach(pid_t pid) {
  // Threads may be born meanwhile: look until no new one is there.
  for (bool found = true; found;) {
    found = false;
    for (const pid_t tid : threads_of(pid)) {
      if (tasks_.contains(tid)) continue;
      if (::ptrace(PTRACE_SEIZE, tid, nullptr, kTraceOptions) != 0) {
        const int error = errno;
        if (error == ESRCH) continue;
        if (tid == pid) return base::fail_errno(error, "can't attach", fmt::format("pid {}{}", pid, other_tracer(pid)));
        continue;
      }
      tasks_[tid].group = pid;
      found = true;
    }
  }
  if (tasks_.empty()) return base::fail(base::Code::kNotFound, "it is gone", fmt::format("pid {}", pid));
  if (options_.lifeline != nullptr) options_.lifeline->process(pid);
  events_.executed(pid);
  if (options_.use_breakpoints) breakpoints_.executed(pid);
  breakpoints_.connects(pid);
  for (const auto& [tid, task] : tasks_) ::ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
  return {};
}

Result<void> Tracer::watch(pid_t pid, unsigned seconds) {
  const sigset_t ending = ending_signals();
  sigset_t waking = ending;
  sigaddset(&waking, SIGCHLD);
  ::signal(SIGCHLD, SIG_DFL);  // no stop is told of to somebody who ignores it
  every_call_ = true;
  TRY_VOID(attach(pid));
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  while (!tasks_.empty() && Clock::now() < end) {
    int status = 0;
    const pid_t tid = ::waitpid(-1, &status, __WALL | WNOHANG);
    if (tid > 0 && WIFSTOPPED(status)) handle(tid, status);
    if (tid > 0 && !WIFSTOPPED(status)) on_gone(tid, status);
    // Among many busy threads there is always another stop to handle.
    const int signal = tid > 0 ? wait_for_signal(ending, Clock::now()) : wait_for_signal(waking, end);
    if (signal != 0 && signal != SIGCHLD) break;
  }
  detach_all();
  return {};
}

// A thread inside a call runs no code of the program until the call's end, a stop: it is left asleep, and the kernel lets it go
// when this thread ends. Any other is told to stop, and let go at the first stop, whichever that is.
void Tracer::detach_all() {
  leaving_ = true;
  for (const auto& [tid, task] : tasks_)
    if (tid == task.group) breakpoints_.lift(tid);
  std::erase_if(tasks_, [](const auto& task) { return !task.second.in_call && ::ptrace(PTRACE_INTERRUPT, task.first, nullptr, nullptr) != 0; });
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGCHLD);
  const auto end = Clock::now() + kPatience;
  while (Clock::now() < end && !std::ranges::all_of(tasks_, [](const auto& task) { return task.second.in_call; })) {
    int status = 0;
    const pid_t tid = ::waitpid(-1, &status, __WALL | WNOHANG);
    if (tid == 0) wait_for_signal(stops, end);
    if (tid < 0) break;
    if (tid > 0 && WIFSTOPPED(status)) let_go(tid, status);
    if (tid > 0 && !WIFSTOPPED(status)) on_gone(tid, status);
  }
  tasks_.clear();
}

// Its breakpoints are out, but it may have hit one before that.
void Tracer::let_go(pid_t tid, int status) {
  const int event = status >> 16;
  int signal = event == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80) ? WSTOPSIG(status) : 0;
  const auto task = tasks_.find(tid);
  if (task == tasks_.end()) return static_cast<void>(early_.insert(tid));  // its parent's event follows
  if (signal == SIGTRAP && breakpoints_.put_back(task->second.group, tid)) signal = 0;
  unsigned long child = 0;
  const bool forks = event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE;
  if (forks && ::ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &child) == 0) on_new_task(tid, static_cast<pid_t>(child), event);
  if (event == PTRACE_EVENT_EXEC) breakpoints_.gone(tid);
  ::ptrace(PTRACE_DETACH, tid, nullptr, static_cast<unsigned long>(signal));
  tasks_.erase(tid);
}

}  // namespace tlswhy::observe
