#include "observe/cpu_follower.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "base/unique_fd.h"
#include "bytes/cursor.h"
#include "host/proc_text.h"
#include "observe/tracee.h"

namespace tlswhy::observe {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kSeldom = 24;    // stops between two looks once nothing changes: a look costs about as much as one stop
constexpr milliseconds kPeriod{2};  // of the watchdog; starving for two of them is noticed
constexpr milliseconds kQuiet{8};   // the same while there are no stops: each look wakes a processor
constexpr int kRestPeriods = 20;    // how long the ordinary policy stays then

bool set_policy(pid_t tid, int policy) {
  const sched_param none{};
  return ::sched_setscheduler(tid, policy, &none) == 0;
}

// Where it runs: field 39 of its stat. That of the thread, as that of the process adds up what all of its threads did; one
// read, as the file is shorter than any buffer (proc_pid_stat(5)).
std::optional<std::uint64_t> processor_of(pid_t tid) {
  const base::UniqueFd file(::open(fmt::format("/proc/{}/task/{}/stat", tid, tid).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> text{};
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  return size > 0 ? host::parse_stat_field({text.data(), static_cast<std::size_t>(size)}, 39) : std::nullopt;
}

// The same of a stopped thread whose libc has the kernel write it into its memory at each return (rseq(2); glibc 2.35): a tenth of
// the time. Right unless the kernel has moved it inside its last call.
std::optional<std::uint64_t> registered_processor(pid_t tid) {
  __ptrace_rseq_configuration where{};
  if (::ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tid, sizeof where, &where) != sizeof where || where.rseq_abi_pointer == 0) return std::nullopt;
  const auto words = read_memory(tid, {where.rseq_abi_pointer}, 2 * sizeof(std::uint32_t));  // struct rseq: cpu_id_start, cpu_id
  if (!words || words->size() < 2 * sizeof(std::uint32_t)) return std::nullopt;
  const auto cpu = bytes::Cursor(bytes::View(*words).subspan(sizeof(std::uint32_t)), "rseq").u32_le();
  return cpu && *cpu < CPU_SETSIZE ? std::optional(*cpu) : std::nullopt;  // beyond: not registered yet
}

// Whether a traced thread stands stopped and nobody has asked for it yet. WNOWAIT leaves it to the tracer.
bool somebody_waits() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 && info.si_pid != 0;
}

}  // namespace

void CpuFollower::wake_elsewhere(pid_t child, const std::function<void()>& wake) {
  cpu_set_t all;
  const int here = ::sched_getcpu();
  const bool known = here >= 0 && ::sched_getaffinity(0, sizeof all, &all) == 0;
  cpu_set_t others = all;
  if (known) CPU_CLR(static_cast<std::size_t>(here), &others);
  const bool moved = known && CPU_COUNT(&others) > 0 && ::sched_setaffinity(child, sizeof others, &others) == 0;
  wake();
  if (moved) ::sched_setaffinity(child, sizeof all, &all);
}

void CpuFollower::begin() {
  if (std::exchange(begun_, true) || ::sched_getscheduler(0) != SCHED_OTHER || ::sched_getaffinity(0, sizeof before_, &before_) != 0 ||
      CPU_COUNT(&before_) < 2)
    return;
  watchdog_ = std::jthread([this, tracer = ::gettid()](const std::stop_token& stop) {
    watchdog_tid_ = ::gettid();
    // Going back needs a right that going there does not: tried on this thread first.
    if (set_policy(0, SCHED_IDLE) && set_policy(0, SCHED_OTHER)) watch(stop, tracer);
  });
}

CpuFollower::~CpuFollower() {
  rest();
  watchdog_ = {};
}

void CpuFollower::rest() {
  const std::lock_guard lock(mutex_);
  resting_ = true;
  if (follows_.exchange(false) || here_ >= 0) release(0);
}

void CpuFollower::release(pid_t tracer) {
  set_policy(tracer, SCHED_OTHER);
  ::sched_setaffinity(tracer, sizeof before_, &before_);
  here_ = -1;
}

void CpuFollower::stops(pid_t tid) {
  const bool wanted = follows_ && tid != 0 && (here_ < 0 || (tid == last_ && countdown_ == 0));
  processor_ = wanted ? registered_processor(tid) : std::nullopt;
}

void CpuFollower::stopped(pid_t tid) {
  count_.store(count_ + 1, std::memory_order_relaxed);
  if (count_ > 1) begin();
  if (resting_) {  // only written by this thread
    const std::lock_guard lock(mutex_);
    resting_ = false;
    waking_.notify_one();
  }
  if (!follows_ || tid == 0) return;
  if (here_ < 0) return look(tid);
  if (tid != std::exchange(last_, tid)) {
    countdown_ = interval_ = 1;  // it may well be the only stop of this one: moving costs more than that
    return;
  }
  if (countdown_-- > 0) return;
  const int before = here_;
  look(tid);
  // fork and exec move threads about: look again soon after a change, and ever more seldom while there is none.
  interval_ = here_ != before ? 2 : std::min(interval_ * 2, kSeldom);
  countdown_ = interval_;
}

void CpuFollower::look(pid_t tid) {
  if (!follows_) return;
  const auto cpu = processor_ ? std::exchange(processor_, std::nullopt) : processor_of(tid);
  if (!cpu || *cpu >= CPU_SETSIZE || static_cast<int>(*cpu) == here_ || !CPU_ISSET(*cpu, &before_)) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(*cpu, &set);
  if (::sched_setaffinity(0, sizeof set, &set) == 0) here_ = static_cast<int>(*cpu);
  // Awake on this processor, the watchdog would drive the watched thread from it.
  CPU_XOR(&set, &set, &before_);
  ::sched_setaffinity(watchdog_tid_, sizeof set, &set);
}

void CpuFollower::watch(const std::stop_token& stop, pid_t tracer) {
  std::uint64_t before = 0;
  bool waiting = false, quiet = false;
  int rest = 0;  // periods until the tracer follows again
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!waking_.wait(lock, stop, [&] { return !resting_; })) return;
    if (!follows_ && --rest <= 0) follows_ = set_policy(tracer, SCHED_IDLE);
    waking_.wait_for(lock, stop, quiet ? kQuiet : kPeriod, [] { return false; });
    const std::uint64_t now = count_;
    const bool stuck = now == before && somebody_waits();
    quiet = now == before && !stuck && rest <= 0;
    before = now;
    if (stuck && waiting && follows_.exchange(false)) {
      release(tracer);
      rest = kRestPeriods;
    }
    waiting = stuck;
  }
}

}  // namespace tlswhy::observe
