#pragma once
// What another process must know to free the traced ones if their tracer is killed: who they are and where breakpoints
// stand in them. In memory that both share, so it is up to date at any moment.
//
// A killed tracer leaves two traps behind: its breakpoints, and the seccomp filter, whose traced calls fail with ENOSYS
// while nobody traces (seccomp(2)). `rescue` becomes their tracer in its place and takes the breakpoints out. The
// kernel gives up a dying thread's robust mutexes before it detaches its tracees (kernel/exit.c, do_exit: exit_mm, then
// exit_notify), so the rescuer stands ready by then. What remains are microseconds: a thread that stood at a breakpoint at that very moment gets its
// SIGTRAP, and a call in those microseconds its ENOSYS.

#include <pthread.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace tlswhy::observe {

class Lifeline {
 public:
  // Shared memory for as many processes and breakpoints as a large run has. The errno of mmap(2).
  static base::Result<Lifeline> make();
  Lifeline(Lifeline&& other) noexcept;
  Lifeline& operator=(Lifeline&&) = delete;
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline();

  // The tracer's side. The command runs, traced or not.
  void started(pid_t command) { shared_->started = command; }
  // A traced process. The first is the command.
  void process(pid_t pid);
  void gone(pid_t pid);
  void planted(pid_t pid, std::uint64_t address, std::span<const std::uint8_t> saved);
  void lifted(pid_t pid);
  void inherited(pid_t parent, pid_t child);

  // Called by the thread that is about to trace, and when it has ended well.
  void hold();
  void let_go();
  // Waits until that thread, which holds the lifeline already, lets go or dies. True when it died.
  [[nodiscard]] bool wait_for_death();

  // 0: not yet.
  [[nodiscard]] pid_t started() const { return shared_->started; }
  [[nodiscard]] pid_t command() const { return shared_->command; }
  // The other side, after the tracer's death. `stay`: takes its place until the last process has ended, as processes with
  // our seccomp filter need a tracer; otherwise lets them all go. `taken` is called when all are, `ended` with each process that ends and
  // its wait status.
  void rescue(bool stay, const std::function<void()>& taken, const std::function<void(pid_t, int)>& ended) const;

 private:
  static constexpr std::size_t kProcesses = 16'384, kPoints = 65'536;
  struct Point {
    std::atomic<pid_t> pid;
    std::uint64_t address;
    std::uint8_t size;
    std::uint8_t saved[4];
  };
  struct Shared {
    std::atomic<std::uint32_t> processes, points;  // slots used so far
    std::atomic<pid_t> started, command;
    std::atomic<pid_t> tracer;  // the thread that holds `held`
    pthread_mutex_t held;       // robust: the kernel tells its next owner that the last one died (pthread_mutexattr_setrobust(3))
    std::atomic<bool> ended_well;
    std::atomic<pid_t> pids[kProcesses];  // 0: free
    Point table[kPoints];                 // pid 0: free
  };
  explicit Lifeline(Shared* shared) : shared_(shared) {}
  Point* free_point();
  [[nodiscard]] std::vector<pid_t> live() const;
  void restore(pid_t pid) const;
  static bool seize(pid_t tid);
  [[nodiscard]] bool stands_at(pid_t pid, std::uint64_t address) const;
  bool put_back(pid_t tid, pid_t pid) const;

  Shared* shared_;
};

}  // namespace tlswhy::observe
