#include "observe/lifeline.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <utility>

#include "host/proc_files.h"
#include "host/proc_text.h"
#include "observe/registers.h"
#include "observe/tracee.h"
#include "observe/tracer.h"

namespace tlswhy::observe {

using base::Result;

namespace {

// Ahead of all that is not in as great a hurry, where that is permitted; 0: this thread. The traced threads run whenever the dying tracer
// and its successor do not, and fail: under an ordinary policy for a whole slice of time, and under CpuFollower's, SCHED_IDLE, for
// as long as every processor is taken.
void hurry(pid_t tid) {
  sched_param how{};
  how.sched_priority = 1;
  if (::sched_setscheduler(tid, SCHED_FIFO, &how) == 0) return;
  how.sched_priority = 0;
  ::sched_setscheduler(tid, SCHED_OTHER, &how);
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(tid), -20);
}

}  // namespace

Result<Lifeline> Lifeline::make() {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return base::fail_errno(errno, "no shared memory");
  // Pages of zeros: every slot free. Not constructed, as the constructors of the atomics would touch all of the megabytes.
  auto* shared = static_cast<Shared*>(memory);
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  ::pthread_mutex_init(&shared->held, &attributes);
  ::pthread_mutexattr_destroy(&attributes);
  return Lifeline(shared);
}

void Lifeline::hold() {
  ::pthread_mutex_lock(&shared_->held);
  shared_->tracer = ::gettid();
}

void Lifeline::let_go() {
  shared_->ended_well = true;
  ::pthread_mutex_unlock(&shared_->held);
}

bool Lifeline::wait_for_death() {
  hurry(0);
  ::pthread_mutex_lock(&shared_->held);
  if (shared_->ended_well) return false;
  hurry(shared_->tracer);
  return true;
}

Lifeline::Lifeline(Lifeline&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}

Lifeline::~Lifeline() {
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

void Lifeline::process(pid_t pid) {
  if (shared_->command == 0) shared_->command = pid;
  const std::uint32_t used = shared_->processes;
  for (std::uint32_t i = used; i-- > 0;)
    if (shared_->pids[i] == 0 || shared_->pids[i] == pid) return static_cast<void>(shared_->pids[i] = pid);
  if (used >= kProcesses) return;
  shared_->pids[used] = pid;
  shared_->processes = used + 1;
}

void Lifeline::gone(pid_t pid) {
  for (std::uint32_t i = 0; i < shared_->processes; ++i)
    if (shared_->pids[i] == pid) shared_->pids[i] = 0;
  lifted(pid);
}

Lifeline::Point* Lifeline::free_point() {
  const std::uint32_t used = shared_->points;
  if (used < kPoints) {
    shared_->points = used + 1;
    return &shared_->table[used];
  }
  const auto slot = std::ranges::find_if(shared_->table, [](const Point& one) { return one.pid == 0; });
  return slot == std::end(shared_->table) ? nullptr : slot;
}

void Lifeline::planted(pid_t pid, std::uint64_t address, std::span<const std::uint8_t> saved) {
  Point* point = free_point();
  if (point == nullptr || saved.size() > sizeof point->saved) return;
  point->address = address;
  point->size = static_cast<std::uint8_t>(saved.size());
  std::memcpy(point->saved, saved.data(), saved.size());
  point->pid = pid;  // last: now it counts
}

void Lifeline::lifted(pid_t pid) {
  bool trailing = true;
  for (std::uint32_t i = shared_->points; i-- > 0;) {
    Point& one = shared_->table[i];
    if (one.pid == pid) one.pid = 0;
    trailing = trailing && one.pid == 0;
    if (trailing) shared_->points = i;
  }
}

void Lifeline::inherited(pid_t parent, pid_t child) {
  const std::uint32_t used = shared_->points;
  for (std::uint32_t i = 0; i < used; ++i)
    if (const Point& one = shared_->table[i]; one.pid == parent) planted(child, one.address, {one.saved, one.size});
}

std::vector<pid_t> Lifeline::live() const {
  std::vector<pid_t> out;
  for (std::uint32_t i = 0; i < shared_->processes; ++i)
    if (const pid_t pid = shared_->pids[i]; pid != 0) out.push_back(pid);
  return out;
}

void Lifeline::restore(pid_t pid) const {
  const auto trap = breakpoint_instruction();
  for (std::uint32_t i = 0; i < shared_->points; ++i) {
    const Point& one = shared_->table[i];
    if (one.pid != pid) continue;
    const auto there = read_memory(pid, {one.address}, trap.size());
    if (there && std::ranges::equal(*there, trap)) (void)write_code(pid, {one.address}, {one.saved, one.size});
  }
}

bool Lifeline::stands_at(pid_t pid, std::uint64_t address) const {
  for (std::uint32_t i = 0; i < shared_->points; ++i)
    if (const Point& one = shared_->table[i]; one.pid == pid && one.address == address) return true;
  return false;
}

// A breakpoint hit after the tracer's death, before it was taken out: back to its instruction, without a signal.
bool Lifeline::put_back(pid_t tid, pid_t pid) const {
  auto registers = Registers::read(tid);
  if (!registers || !stands_at(pid, registers->breakpoint())) return false;
  restore(pid);
  registers->set_instruction(registers->breakpoint());
  return registers->write(tid).has_value();
}

// Becomes the tracer of a thread, which another one may still hold: EPERM as long as it does. False when the thread is gone.
bool Lifeline::seize(pid_t tid) {
  constexpr int kEager = 20'000, kPatient = 100'000;  // a few milliseconds of trying, then ten seconds of looking now and then
  for (int tries = 0; ::ptrace(PTRACE_SEIZE, tid, nullptr, kTraceOptions) != 0; ++tries) {
    if (errno != EPERM || tries >= kEager + kPatient) return false;
    tries < kEager ? ::sched_yield() : ::usleep(100);  // it may wait for this very processor
  }
  return true;
}

void Lifeline::rescue(bool stay, const std::function<void()>& taken, const std::function<void(pid_t, int)>& ended) const {
  std::map<pid_t, pid_t> groups;  // thread → process
  const auto take = [&](pid_t tid, pid_t pid) {
    if (!groups.contains(tid) && seize(tid)) groups[tid] = pid;
  };
  for (const pid_t pid : live()) take(pid, pid);  // before /proc is read, which takes longer
  for (int round = 0; round < 2; ++round)         // twice: threads that were born meanwhile
    for (const pid_t pid : live())
      for (const pid_t tid : threads_of(pid)) take(tid, pid);
  for (const pid_t pid : live()) restore(pid);
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_OTHER, &none);
  taken();
  for (const auto& [tid, pid] : groups)
    if (!stay) ::ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
  while (stay || !groups.empty()) {
    int status = 0;
    const pid_t tid = ::waitpid(-1, &status, __WALL);
    if (tid < 0 && errno == EINTR) continue;
    if (tid < 0) return;
    if (!WIFSTOPPED(status)) {
      groups.erase(tid);
      ended(tid, status);
      continue;
    }
    const int event = status >> 16, signal = WSTOPSIG(status);
    const auto group = groups.find(tid);
    unsigned long deliver = event == 0 && signal != (SIGTRAP | 0x80) ? static_cast<unsigned long>(signal) : 0;
    if (deliver == SIGTRAP && put_back(tid, group != groups.end() ? group->second : tid)) deliver = 0;
    unsigned long born = 0;
    if ((event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) &&
        ::ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &born) == 0) {
      groups[static_cast<pid_t>(born)] = static_cast<pid_t>(born);
    }
    if (!stay) {
      ::ptrace(PTRACE_DETACH, tid, nullptr, deliver);
      groups.erase(tid);
    } else if (event == PTRACE_EVENT_STOP && stops_a_job(signal)) {
      ::ptrace(PTRACE_LISTEN, tid, nullptr, nullptr);
    } else {
      ::ptrace(PTRACE_CONT, tid, nullptr, deliver);
    }
  }
}

}  // namespace tlswhy::observe
