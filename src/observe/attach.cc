// Attaching to what runs already, and letting it go. Without a seccomp filter every call of the process stops: a filter
// can't be put into another process, nor taken out again.

#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "observe/tracer.h"

namespace tlswhy::observe {

using base::Result;

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Result<void> Tracer::attach(pid_t pid) {
  // Threads may be born meanwhile: look until no new one is there.
  for (bool found = true; found;) {
    found = false;
    for (const pid_t tid : threads_of(pid)) {
      if (tasks_.contains(tid)) continue;
      if (::ptrace(PTRACE_SEIZE, tid, nullptr, kTraceOptions) != 0) {
        if (errno == ESRCH) continue;
        if (tid == pid) return base::fail_errno(errno, "can't attach", fmt::format("pid {}", pid));
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
  sigset_t waking, before;
  sigemptyset(&waking);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&waking, signal);
  ::sigprocmask(SIG_BLOCK, &waking, &before);
  every_call_ = true;
  auto attached = attach(pid);
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  while (attached && !tasks_.empty()) {
    int status = 0;
    const pid_t tid = ::waitpid(-1, &status, __WALL | WNOHANG);
    if (tid > 0) {
      if (WIFSTOPPED(status))
        handle(tid, status);
      else
        on_gone(tid, status);
    }
    const auto left = end - Clock::now();
    if (left <= Clock::duration::zero()) break;
    if (tid > 0) continue;
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec limit{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    const int signal = ::sigtimedwait(&waking, nullptr, &limit);
    if (signal == SIGINT || signal == SIGTERM) break;
  }
  detach_all();
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return attached;
}

// A thread can be let go only where it stands stopped, and a breakpoint that it has hit already must be dealt with.
void Tracer::detach_all() {
  std::set<pid_t> groups;
  for (const auto& [tid, task] : tasks_) {
    groups.insert(task.group);
    ::ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
  }
  leaving_ = true;
  while (!tasks_.empty()) {
    int status = 0;
    const pid_t tid = ::waitpid(-1, &status, __WALL);
    if (tid < 0 && errno == EINTR) continue;
    if (tid < 0) break;
    if (!WIFSTOPPED(status)) {
      on_gone(tid, status);
      continue;
    }
    const int event = status >> 16, signal = WSTOPSIG(status);
    const auto task = tasks_.find(tid);
    if (breakpoints_.stepping(tid)) breakpoints_.stepped(task->second.group, tid);
    const bool trap = event == 0 && signal == SIGTRAP;
    if (trap && task != tasks_.end() && on_trap(tid)) continue;
    if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
      handle(tid, status);  // the newborn is let go as well
      continue;
    }
    if (event != PTRACE_EVENT_STOP) {  // a call, or a signal on its way: the stop that we asked for follows
      const bool deliver = event == 0 && signal != (SIGTRAP | 0x80) && !trap;
      ::ptrace(PTRACE_CONT, tid, nullptr, static_cast<unsigned long>(deliver ? signal : 0));
      continue;
    }
    if (task != tasks_.end()) breakpoints_.lift(task->second.group);
    ::ptrace(PTRACE_DETACH, tid, nullptr, nullptr);
    if (task != tasks_.end()) tasks_.erase(task);
  }
  leaving_ = false;
}

}  // namespace tlswhy::observe
