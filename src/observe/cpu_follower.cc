#include "observe/cpu_follower.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "host/proc_files.h"
#include "host/proc_text.h"

namespace tlswhy::observe {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kWorthIt = 24;   // stops before anything is done: two threads cost as much as these
constexpr unsigned kSeldom = 32;    // stops between two looks once nothing changes: a look costs about as much as one stop
constexpr milliseconds kPeriod{2};  // of the watchdog; starving for two of them is noticed
constexpr int kRestPeriods = 20;    // how long the ordinary policy stays then

bool set_policy(pid_t tid, int policy) {
  const sched_param none{};
  return ::sched_setscheduler(tid, policy, &none) == 0;
}

// Where it runs: field 39 of /proc/TID/stat.
std::optional<std::uint64_t> processor_of(pid_t tid) {
  const auto text = host::read_proc(tid, "stat");
  return text ? host::parse_stat_field(*text, 39) : std::nullopt;
}

// Whether a traced thread stands stopped and nobody has asked for it yet. WNOWAIT leaves it to the tracer.
bool somebody_waits() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 && info.si_pid != 0;
}

}  // namespace

void CpuFollower::begin() {
  if (::sched_getscheduler(0) != SCHED_OTHER || ::sched_getaffinity(0, sizeof before_, &before_) != 0 || CPU_COUNT(&before_) < 2) return;
  // Going back needs a right that going there does not: try it on a thread that ends anyway.
  std::jthread([this] { usable_ = set_policy(0, SCHED_IDLE) && set_policy(0, SCHED_OTHER); }).join();
  if (!usable_) return;
  set_policy(0, SCHED_IDLE);
  watchdog_ = std::jthread([this, tracer = ::gettid()](const std::stop_token& stop) { watch(stop, tracer); });
}

CpuFollower::~CpuFollower() {
  if (!usable_) return;
  watchdog_ = {};
  release(0);
}

void CpuFollower::release(pid_t tracer) {
  set_policy(tracer, SCHED_OTHER);
  ::sched_setaffinity(tracer, sizeof before_, &before_);
}

void CpuFollower::stopped(pid_t tid) {
  stops_.store(stops_ + 1, std::memory_order_relaxed);
  if (stops_ == kWorthIt) begin();
  if (!usable_ || !calm_) return;
  if (tid == last_ && countdown_-- > 0) return;
  const int before = here_;
  look(tid);
  // fork and exec move threads about: look again soon after a change, and ever more seldom while there is none.
  interval_ = tid != last_ || here_ != before ? 2 : std::min(interval_ * 2, kSeldom);
  last_ = tid;
  countdown_ = interval_;
}

void CpuFollower::look(pid_t tid) {
  const auto cpu = processor_of(tid);
  if (!cpu || *cpu >= CPU_SETSIZE || static_cast<int>(*cpu) == here_ || !CPU_ISSET(*cpu, &before_)) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(*cpu, &set);
  if (::sched_setaffinity(0, sizeof set, &set) == 0) here_ = static_cast<int>(*cpu);
}

void CpuFollower::watch(const std::stop_token& stop, pid_t tracer) {
  set_policy(0, SCHED_OTHER);  // a new thread has the policy of the one that made it
  std::uint64_t before = 0;
  bool waiting = false;
  int rest = 0;
  std::mutex mutex;
  std::condition_variable_any waking;
  std::unique_lock lock(mutex);
  while (!waking.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); })) {
    const std::uint64_t now = stops_;
    const bool stuck = now == before && somebody_waits();
    before = now;
    if (stuck && waiting && calm_) {
      calm_ = false;
      release(tracer);
      rest = kRestPeriods;
    } else if (!calm_ && --rest <= 0) {
      here_ = -1;
      calm_ = set_policy(tracer, SCHED_IDLE);
    }
    waiting = stuck;
  }
}

}  // namespace tlswhy::observe
