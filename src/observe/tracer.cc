// The wait loop. Bites, each of them met: a new child may stop before its parent's fork event is seen; an exec
// by a thread makes its tid become the group's; a group-stop must be left with PTRACE_LISTEN or SIGCONT is
// lost; since Linux 4.8 the seccomp stop comes behind the entry stop, so PTRACE_SYSCALL from it goes straight
// to the exit; a call that a signal interrupts exits with ERESTART* and is entered again.

#include "observe/tracer.h"

#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/text.h"

namespace tlswhy::observe {

using base::Result;

namespace {

// What `parent`, a process, has cloned: a thread of its own, or a process that shares something with it. Signal 0 tells
// whether a thread belongs to a process (kernel/signal.c, do_send_specific), in a tenth of the time that /proc takes.
pid_t group_of(pid_t parent, pid_t child) { return ::tgkill(parent, child, 0) == 0 || errno != ESRCH ? parent : child; }

bool makes_process(long number) {
#ifdef SYS_fork
  if (number == SYS_fork || number == SYS_vfork) return true;
#endif
  return number == SYS_clone || number == SYS_clone3;
}

// TCP Fast Open (RFC 7413): the first bytes are sent with the address, and no connect(2) is called.
bool opens_fast(const TracedCall& call, const CallArguments& arguments) {
  if (call.kind == CallKind::kSendMessage) return (arguments[2] & MSG_FASTOPEN) != 0;
  return call.number == SYS_sendto && (arguments[3] & MSG_FASTOPEN) != 0;
}

bool sends(CallKind kind) {
  return kind == CallKind::kSend || kind == CallKind::kSendVector || kind == CallKind::kSendMessage || kind == CallKind::kSendMessages;
}

// A read of no byte is the end of the stream, if any was asked for.
bool ends_stream(CallKind kind, const CallArguments& arguments, int error) {
  if (error == 0) return !sends(kind) && (kind != CallKind::kReceive || arguments[2] > 0);
  return error == ECONNRESET || error == EPIPE || error == ETIMEDOUT || error == ECONNREFUSED;
}

}  // namespace

void Tracer::keep_leftovers() {
  quiet_ = true;
  pump(false);
}

bool Tracer::pump(bool until_command_ends) {
  const bool ended = wait_loop(until_command_ends);
  follower_.rest();
  return ended;
}

bool Tracer::wait_loop(bool until_command_ends) {
  while (!tasks_.empty() || !early_.empty()) {
    int status = waited_.value_or(0);
    const pid_t tid = std::exchange(waited_, std::nullopt) ? command_ : ::waitpid(-1, &status, __WALL);
    if (tid < 0 && errno == EINTR) continue;
    if (tid < 0) return tasks_.clear(), false;
    if (WIFSTOPPED(status)) {
      // Where a new thread is, whose only stop this may be, is of no interest, nor where one is before exec.
      const int event = status >> 16;
      const pid_t followed = event == PTRACE_EVENT_STOP || event == PTRACE_EVENT_EXEC ? 0 : tid;
      follower_.stops(followed);
      handle(tid, status);
      follower_.stopped(followed);  // while the thread runs already
    } else {
      on_gone(tid, status);
    }
    if (until_command_ends && command_status_) return true;
  }
  return false;
}

void Tracer::on_gone(pid_t tid, int status) {
  const auto task = tasks_.find(tid);
  const bool leader = task == tasks_.end() || task->second.group == tid;
  if (task != tasks_.end()) tasks_.erase(task);
  early_.erase(tid);
  breakpoints_.gone(tid);
  if (leader && options_.lifeline != nullptr) options_.lifeline->gone(tid);
  if (tid == command_) command_status_ = status;
  if (leader && !quiet_) events_.exited(tid, status);
}

void Tracer::resume(pid_t tid, int signal) {
  const auto task = tasks_.find(tid);
  const bool to_exit = task != tasks_.end() && (task->second.pending != nullptr || task->second.library_fd >= 0);
  const auto how = to_exit || every_call_ ? PTRACE_SYSCALL : PTRACE_CONT;
  // ESRCH: it was killed meanwhile; its end will be reported.
  ::ptrace(how, tid, nullptr, static_cast<unsigned long>(signal));
}

void Tracer::handle(pid_t tid, int status) {
  const int event = status >> 16;
  const int signal = WSTOPSIG(status);
  const auto task = tasks_.find(tid);
  if (task == tasks_.end() && event == PTRACE_EVENT_STOP) {
    early_.insert(tid);  // its parent's event follows
    return;
  }
  if (task != tasks_.end()) end_pause(tid, task->second);
  if (breakpoints_.stepping(tid)) {
    breakpoints_.stepped(tasks_[tid].group, tid);
    if (event == 0 && signal == SIGTRAP) return resume(tid);
  }
  if (event != 0) return on_event(tid, event, signal);
  if (signal == SIGTRAP && task != tasks_.end() && on_trap(tid)) return;
  if (signal == (SIGTRAP | 0x80)) {
    if (task != tasks_.end() && !quiet_) on_call(tid, task->second);
    return resume(tid);
  }
  resume(tid, signal);  // a signal on its way to the program
}

void Tracer::on_event(pid_t tid, int event, int signal) {
  unsigned long message = 0;
  switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      if (::ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &message) == 0) on_new_task(tid, static_cast<pid_t>(message), event);
      break;
    case PTRACE_EVENT_EXEC: return on_exec(tid);
    case PTRACE_EVENT_EXIT:
      if (quiet_ || !tasks_.contains(tid)) break;
      if (::ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &message) != 0) message = 0;
      events_.exiting(tasks_[tid].group, static_cast<int>(message));
      break;
    case PTRACE_EVENT_SECCOMP:
      if (!quiet_ && tasks_.contains(tid)) on_call(tid, tasks_[tid]);
      break;
    case PTRACE_EVENT_STOP:
      if (!stops_a_job(signal)) break;
      ::ptrace(PTRACE_LISTEN, tid, nullptr, nullptr);
      if (tid == command_ && options_.on_stopped) options_.on_stopped();
      return;
    default: break;
  }
  resume(tid);
}

// True when the stop was a breakpoint of ours.
bool Tracer::on_trap(pid_t tid) {
  tasks_[tid].store_reads = 0;  // a call begins or ends
  const Breakpoints::Hit hit = breakpoints_.hit(tasks_[tid].group, tid);
  if (hit == Breakpoints::Hit::kNotOurs) return false;
  if (hit == Breakpoints::Hit::kResume)
    resume(tid);
  else
    ::ptrace(PTRACE_SINGLESTEP, tid, nullptr, nullptr);
  return true;
}

void Tracer::on_new_task(pid_t parent, pid_t child, int event) {
  const pid_t group = event == PTRACE_EVENT_CLONE ? group_of(tasks_[parent].group, child) : child;
  const Task& from = tasks_[parent];
  // It inherits the parent's options (ptrace_init_task, linux/ptrace.h), those of a pause included that has just ended.
  tasks_[child] = {.group = group, .exit_stops = from.exit_stops, .paused = from.store_reads > 0};
  if (group == child && options_.lifeline != nullptr) options_.lifeline->process(child);
  if (group == child) breakpoints_.forked(tasks_[parent].group, child, event == PTRACE_EVENT_VFORK);
  if (group == child && !quiet_) events_.forked(tasks_[parent].group, child);
  if (early_.erase(child) > 0) {
    end_pause(child, tasks_[child]);
    resume(child);
    if (leaving_) ::ptrace(PTRACE_INTERRUPT, child, nullptr, nullptr);
  }
  if (event == PTRACE_EVENT_VFORK) tasks_[parent].in_call = true;  // it sleeps until the child lets it go on
  if (leaving_ && group == child) breakpoints_.lift(child);
}

void Tracer::on_exec(pid_t tid) {
  unsigned long former = 0;
  if (::ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &former) == 0 && static_cast<pid_t>(former) != tid) tasks_.erase(static_cast<pid_t>(former));
  tasks_[tid] = {tid, nullptr, {}};
  const bool known = std::exchange(ahead_, false);
  const bool ahead = known || may_run_ahead(tid);
  if (ahead && !known) CpuFollower::wake_elsewhere(tid, [&] { resume(tid); });
  if (!quiet_) events_.executed(tid);
  if (ahead) pass_loader();
  if (ahead) follower_.begin();  // while the loader gets ready itself; behind that it would wait for us
  if (options_.use_breakpoints) breakpoints_.executed(tid);
  if (ahead) return pass_loader();
  follower_.look(tid);
  resume(tid);
}

void Tracer::on_call(pid_t tid, Task& task) {
  const auto stop = call_stop(tid);
  if (!stop) return;
  task.in_call = every_call_ && stop->native && stop->at == CallStop::At::kEntry && !makes_process(stop->number);
  if (stop->at == CallStop::At::kExit) {
    task.call.result = stop->result;
    if (task.pending != nullptr) on_exit_of(tid, task);
    task.pending = nullptr;
    // Asked for only where it matters: a stop less for each of the many processes of a shell script.
    if (!task.exit_stops && events_.wants_exit(task.group)) {
      task.exit_stops = true;
      ::ptrace(PTRACE_SETOPTIONS, tid, nullptr, task.options());
    }
    if (task.library_fd >= 0 && task.call.number == SYS_close && static_cast<int>(task.call.arguments[0]) == task.library_fd) {
      task.library_fd = -1;
      breakpoints_.mapped(task.group);
    }
    return;
  }
  if (stop->at != CallStop::At::kEntry) return;
  if (!stop->native) return events_.blind(task.group, "32-bit system calls are not watched");
  task.call = *stop;
  task.pending = find_call(stop->number);
  if (task.pending != nullptr) on_entry(tid, task);
}

// Decides whether the call's end matters: every stop saved is time of the command saved.
void Tracer::on_entry(pid_t tid, Task& task) {
  const TracedCall& call = *task.pending;
  const auto& arguments = task.call.arguments;
  if (call.kind == CallKind::kTracer || call.kind == CallKind::kRing || call.kind == CallKind::kMovesBytes) {
    if (call.kind == CallKind::kRing) breakpoints_.connects(task.group);
    unseen_call(tid, task);
    task.pending = nullptr;
    return;
  }
  if (call.kind == CallKind::kConfines) {
    events_.confined(task.group, "Landlock");
    task.pending = nullptr;
    return;
  }
  if (call.kind == CallKind::kShut) {
    constexpr std::uint64_t kReading = SHUT_RD;
    if (arguments[1] != kReading) events_.shut(task.group, static_cast<int>(arguments[0]));
    task.pending = nullptr;
    return;
  }
  bool wanted = call.stops(arguments);
  if (opens_fast(call, arguments)) {
    wanted = true;
  } else if (call.kind == CallKind::kLookup) {
    const auto path = read_string(tid, {arguments[static_cast<unsigned>(call.path)]});
    wanted = wanted && path && (may_hold_tls(base::base_name(*path)) || events_.wants_lookup(task.group, *path));
  } else if (call.kind != CallKind::kConnect && call.kind != CallKind::kOption && wanted) {
    wanted = events_.wants_data(task.group, tid, static_cast<int>(arguments[0]), sends(call.kind) ? Direction::kSent : Direction::kReceived);
  }
  if (!wanted && call.kind == CallKind::kReceive) reads_file(tid, task);
  if (!wanted) task.pending = nullptr;
  if (wanted && call.kind != CallKind::kLookup) breakpoints_.connects(task.group);
}

// A store of a hundred anchors is read in fifty pieces. Not before the third of the file that the call has opened first: by
// then the library has read whatever else parsing takes, such as its configuration (OpenSSL 3 with the first certificate).
// The end of the loading call is a breakpoint; a signal or a child is a stop, too.
void Tracer::reads_file(pid_t tid, Task& task) {
  constexpr unsigned kBefore = 2;
  const int fd = static_cast<int>(task.call.arguments[0]);
  if (every_call_ || !breakpoints_.loads_file(tid, task.call.stack)) {
    task.store_reads = 0;
  } else if (task.store_reads == 0 || task.store_fd == fd) {
    task.store_fd = fd;
    task.paused = ++task.store_reads > kBefore && pause_.begin(tid, task.options());
  }
}

void Tracer::end_pause(pid_t tid, Task& task) {
  if (std::exchange(task.paused, false)) FilterPause::end(tid, task.options());
}

// Calls whose bytes do not pass through the process's memory: noted where they concern a handshake.
void Tracer::unseen_call(pid_t tid, const Task& task) {
  const TracedCall& call = *task.pending;
  if (call.kind == CallKind::kRing)
    return events_.blind(task.group, "what it does through io_uring is not seen: file look-ups, connections and bytes");
  if (call.kind == CallKind::kTracer)
    return events_.blind(
        task.group,
        "it calls ptrace(2) itself, as debuggers and self-checks do: that fails while another tracer is there (use `tlswhy pid` or `scan`)");
  for (const unsigned index : {0U, 2U})
    if (events_.wants_data(task.group, tid, static_cast<int>(task.call.arguments[index]), Direction::kSent))
      return events_.blind(task.group, std::string("bytes that it moves with ") + call.name + "(2) are not seen");
}

void Tracer::on_exit_of(pid_t tid, Task& task) {
  const TracedCall& call = *task.pending;
  const auto& arguments = task.call.arguments;
  const std::int64_t result = task.call.result;
  const int error = result < 0 ? static_cast<int>(-result) : 0;
  if (error >= 512 && error <= 516) return;  // ERESTARTSYS and its kin: it will be entered again
  if (call.kind == CallKind::kLookup) {
    const auto path = read_string(tid, {arguments[static_cast<unsigned>(call.path)]});
    const int directory = call.directory < 0 ? -100 : static_cast<int>(arguments[static_cast<unsigned>(call.directory)]);
    if (!path) return;
    if (events_.wants_lookup(task.group, *path)) events_.lookup(task.group, call.name, absolute_path(tid, directory, *path), error);
    if (call.number == SYS_openat || call.number == SYS_openat2) library_opened(task, *path, result);
    return;
  }
  if (opens_fast(call, arguments)) {
    MessageVectors message{{}, 0, {arguments[4]}, static_cast<std::uint32_t>(arguments[5])};
    if (call.kind == CallKind::kSendMessage) message = read_message(tid, {arguments[1]}).value_or(MessageVectors{});
    connects(tid, task, message.address, message.address_size, error);
    if (result <= 0 || !events_.wants_data(task.group, tid, static_cast<int>(arguments[0]), Direction::kSent)) return;
  }
  if (call.kind == CallKind::kConnect) {
    connects(tid, task, {arguments[1]}, arguments[2], error);
  } else if (call.kind == CallKind::kOption) {
    const auto value = arguments[1] == SOL_SOCKET && error == 0 ? read_half(tid, {arguments[3]}) : base::fail(base::Code::kNotFound, "");
    if (value) events_.connect_result(task.group, static_cast<int>(arguments[0]), static_cast<int>(*value));
  } else if (result > 0) {
    data_call(tid, task, result);
  } else if (ends_stream(call.kind, arguments, error)) {
    events_.ended(task.group, tid, error);
  }
}

void Tracer::connects(pid_t tid, const Task& task, RemoteAddress address, std::uint64_t size, int error) {
  constexpr std::uint64_t kMaxAddress = sizeof(sockaddr_storage);
  const auto bytes = read_memory(tid, address, std::min(size, kMaxAddress));
  if (bytes) events_.connected(task.group, static_cast<int>(task.call.arguments[0]), *bytes, error);
}

// The loader opens a library, maps it and closes it; then it can be looked at.
void Tracer::library_opened(Task& task, const std::string& path, std::int64_t fd) {
  if (!options_.use_breakpoints || fd < 0 || !may_hold_tls(base::base_name(path))) return;
  task.library_fd = static_cast<int>(fd);
}

void Tracer::data_call(pid_t tid, Task& task, std::int64_t result) {
  const auto& arguments = task.call.arguments;
  const CallKind kind = task.pending->kind;
  if (task.pending->number == SYS_recvfrom && (arguments[3] & MSG_PEEK) != 0) return;
  if (kind == CallKind::kReceiveMessage && (arguments[2] & MSG_PEEK) != 0) return;
  if (kind == CallKind::kReceiveMessages && (arguments[3] & MSG_PEEK) != 0) return;
  const auto size = static_cast<std::size_t>(result);
  Result<std::vector<std::uint8_t>> bytes;
  if (kind == CallKind::kSend || kind == CallKind::kReceive) {
    bytes = read_memory(tid, {arguments[1]}, size);
  } else if (kind == CallKind::kSendVector || kind == CallKind::kReceiveVector) {
    bytes = read_vectors(tid, {arguments[1]}, arguments[2], size);
  } else if (kind == CallKind::kSendMessages || kind == CallKind::kReceiveMessages) {
    bytes = read_messages(tid, {arguments[1]}, size);
  } else if (const auto message = read_message(tid, {arguments[1]})) {
    bytes = read_vectors(tid, message->array, message->count, size);
  }
  if (bytes) events_.data(task.group, tid, static_cast<int>(arguments[0]), sends(kind) ? Direction::kSent : Direction::kReceived, *bytes);
}

}  // namespace tlswhy::observe
