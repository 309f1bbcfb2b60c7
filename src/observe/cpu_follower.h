#pragma once
// Makes a stop cheap: the tracer shares the processor of the thread that it watches. A stop is two hand-overs, and
// between processors each of them wakes an idle one, which costs ten times the rest of the stop.
//
// The kernel puts a woken thread on an idle processor if there is one, and counts a processor that runs only
// SCHED_IDLE tasks as idle (kernel/sched/fair.c, select_idle_sibling and sched_idle_cpu). So a tracer under SCHED_IDLE,
// bound to the thread's processor, hands over on the spot. It would starve beside busy threads: a watchdog looks
// whether stopped threads wait for it in vain, and gives it back its ordinary policy for a while. Only our own scheduling changes; the
// command's stays what it was. Without the right to leave SCHED_IDLE again (CAP_SYS_NICE) nothing is done at all.

#include <sched.h>
#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace tlswhy::observe {

class CpuFollower {
 public:
  CpuFollower() = default;
  CpuFollower(const CpuFollower&) = delete;
  CpuFollower& operator=(const CpuFollower&) = delete;
  ~CpuFollower();

  // Has `child`, which may run where we may, run on another processor than this one when `wake` wakes it: the tracer goes on, and it
  // need not wait for that. Without this the kernel likes to put what we wake here, and more so in a virtual machine, where a
  // processor that has slept for a while no longer counts as idle (kernel/sched/fair.c, wake_affine; vcpu_is_preempted). Later
  // it may run anywhere again.
  static void wake_elsewhere(pid_t child, const std::function<void()>& wake);
  // Called by the tracer when it has time, otherwise done at the second stop: starts the watchdog.
  void begin();
  // Called by the tracer before it handles a stop of `tid`, and as stopped() then.
  void stops(pid_t tid);
  // Called by the tracer when it has handled a stop of `tid`; looks where it runs now and then, and moves there. 0: a stop of one that is
  // not worth following.
  void stopped(pid_t tid);
  // Looks at once, as for a new program, which will have many stops.
  void look(pid_t tid);
  // Called by the tracer when it turns to other work: it is scheduled as before until the next stop.
  void rest();

 private:
  void watch(const std::stop_token& stop, pid_t tracer);
  void release(pid_t tracer);

  cpu_set_t before_{};
  std::atomic<int> here_ = -1;
  unsigned countdown_ = 0, interval_ = 2;
  pid_t last_ = 0;
  std::optional<std::uint64_t> processor_;  // of the thread that stops, where that is wanted and cheap to know
  std::atomic<std::uint64_t> count_ = 0;    // of stops
  std::atomic<bool> follows_ = false;       // the tracer has the policy for it
  std::mutex mutex_;                        // of the policy
  std::condition_variable_any waking_;
  bool begun_ = false, resting_ = false;
  std::atomic<pid_t> watchdog_tid_ = 0;
  std::jthread watchdog_;
};

}  // namespace tlswhy::observe
