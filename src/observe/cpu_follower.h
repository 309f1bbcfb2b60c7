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
#include <cstdint>
#include <thread>

namespace tlswhy::observe {

class CpuFollower {
 public:
  CpuFollower() = default;
  CpuFollower(const CpuFollower&) = delete;
  CpuFollower& operator=(const CpuFollower&) = delete;
  ~CpuFollower();

  // Called by the tracer at each stop of `tid`; looks where it runs now and then, and moves there.
  void stopped(pid_t tid);

 private:
  void begin();
  void look(pid_t tid);
  void watch(const std::stop_token& stop, pid_t tracer);
  void release(pid_t tracer);

  cpu_set_t before_{};
  bool usable_ = false;
  std::atomic<int> here_ = -1;
  unsigned countdown_ = 0, interval_ = 2;
  pid_t last_ = 0;
  std::atomic<std::uint64_t> stops_ = 0;
  std::atomic<bool> calm_ = true;  // false: the tracer waited too long for its turn
  std::jthread watchdog_;
};

}  // namespace tlswhy::observe
