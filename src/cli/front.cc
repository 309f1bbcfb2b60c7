#include "cli/front.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "cli/command.h"
#include "observe/tracer.h"

namespace tlswhy::cli {
namespace {

constexpr std::array kForwarded{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU};
constexpr int kStarting = 3;  // milliseconds

struct Message {
  char kind = 0;
  int value = 0;
};

sigset_t forwarded_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kForwarded) sigaddset(&set, signal);
  return set;
}

// Those that are not ignored right now: a shell starts background jobs with SIGINT ignored, nohup SIGHUP.
std::vector<int> not_ignored() {
  std::vector<int> out;
  struct sigaction action{};
  for (const int signal : kForwarded)
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) out.push_back(signal);
  if (::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) out.push_back(SIGPIPE);
  return out;
}

class Front {
 public:
  Front(pid_t worker, const observe::Lifeline& lifeline, base::UniqueFd pipe, base::UniqueFd signals)
      : worker_(worker),
        lifeline_(lifeline),
        pipe_(std::move(pipe)),
        signals_(std::move(signals)),
        worker_alive_(static_cast<int>(::syscall(SYS_pidfd_open, worker, 0))) {}

  [[nodiscard]] int reader() const { return pipe_.get(); }

  // `guard` starts the guardian, which from then on sees to the worker's end. Not while the command starts, as it would be
  // in the way of both, unless the worker dies that early.
  int run(const std::function<void()>& guard) {
    for (;;) {
      std::array<pollfd, 3> waiting{{{pipe_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {worker_alive_.get(), POLLIN, 0}}};
      const int ready = ::poll(waiting.data(), waiting.size(), worker_alive_.valid() ? kStarting : -1);
      if (ready < 0 && errno != EINTR) return kCannotInspect;
      if ((waiting[1].revents & POLLIN) != 0) forward();
      if (lifeline_.started() > 0 && worker_alive_.valid() && (ready == 0 || waiting[2].revents != 0)) {
        worker_alive_.reset();
        guard();
        continue;
      }
      if (waiting[0].revents == 0 && waiting[2].revents != 0) return worker_died();
      if (waiting[0].revents == 0) continue;
      const Message message = next();
      if (message.kind == 's') ::raise(SIGSTOP);
      if (message.kind == 'x') return message.value;
      if (message.kind == 'r') fmt::print(stderr, "tlswhy: the tracing process was killed; the command goes on, watched no longer\n");
      if (message.kind == 0) return worker_died();
    }
  }

 private:
  Message next() const {
    Message message;
    std::array<char, 1 + sizeof(int)> raw{};
    ssize_t got = 0;
    while ((got = ::read(pipe_.get(), raw.data(), raw.size())) < 0 && errno == EINTR) {
    }
    if (got != static_cast<ssize_t>(raw.size())) return message;
    message.kind = raw[0];
    std::memcpy(&message.value, raw.data() + 1, sizeof message.value);
    return message;
  }

  void forward() const {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return;
    // What the terminal sends goes to the whole foreground group: the command has it already.
    const pid_t command = lifeline_.started();
    if (info.ssi_code != SI_KERNEL && command > 0) ::kill(command, static_cast<int>(info.ssi_signo));
  }

  int worker_died() const {
    int status = 0;
    ::waitpid(worker_, &status, 0);
    fmt::print(stderr, "tlswhy: the tracing process ended unexpectedly\n");
    return kCannotInspect;
  }

  pid_t worker_;
  const observe::Lifeline& lifeline_;
  base::UniqueFd pipe_, signals_, worker_alive_;
};

}  // namespace

void leave_terminal() {
  const base::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing.valid()) return;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing.get(), fd);
}

void FrontLine::send(char kind, int value) const {
  std::array<char, 1 + sizeof(int)> raw{kind};
  std::memcpy(raw.data() + 1, &value, sizeof value);
  (void)!::write(pipe_.get(), raw.data(), raw.size());
}

namespace {

void ignore(const std::vector<int>& signals, const sigset_t& mask) {
  for (const int signal : signals) ::signal(signal, SIG_IGN);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
}

// What is left to do is nobody's hurry: an idle processor will do.
void stand_back() {
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
}

// Waits for the end of the worker, which holds the lifeline, and frees the command if that was no orderly one. A process
// of its own: whoever takes the worker's place must stay as long as the command's daemons do.
[[noreturn]] void guard(const FrontLine& front) {
  ::prctl(PR_SET_NAME, "guardian");
  leave_terminal();
  const bool died = front.lifeline()->wait_for_death();
  if (const pid_t command = front.lifeline()->command(); died && command != 0) {
    front.lifeline()->rescue(
        true, [&] { front.rescued(); },
        [&](pid_t pid, int status) {
          if (pid == command) front.finished(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
        });
  }
  stand_back();
  ::_exit(0);
}

}  // namespace

void FrontLine::let_pass() const {
  ::sched_yield();  // it may wait for this very processor
  stand_back();
  const base::UniqueFd alive(static_cast<int>(::syscall(SYS_pidfd_open, front_, 0)));
  pollfd ended{alive.get(), POLLIN, 0};
  if (alive.valid()) ::poll(&ended, 1, 1000);
}

void run_guarded(observe::Lifeline& lifeline, const std::function<void()>& work) {
  sigset_t before, set = forwarded_set();
  sigaddset(&set, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &set, &before);
  std::thread([&] {
    lifeline.hold();
    const pid_t guardian = ::fork();
    if (guardian == 0) {
      for (const int signal : kForwarded) ::signal(signal, SIG_IGN);
      ::prctl(PR_SET_NAME, "guardian");
      if (lifeline.wait_for_death()) lifeline.rescue(false, [] {}, [](pid_t, int) {});
      ::_exit(0);
    }
    work();
    lifeline.let_go();
    if (guardian > 0) ::waitpid(guardian, nullptr, 0);
  }).join();
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

int run_behind_front(const std::vector<std::string>& command, const std::function<void(const FrontLine&, std::optional<observe::Launched>)>& work) {
  std::array<int, 2> pipe{};
  auto lifeline = observe::Lifeline::make();
  if (!lifeline || ::pipe2(pipe.data(), O_CLOEXEC) != 0) return fmt::print(stderr, "tlswhy: can't make a pipe\n"), kCannotInspect;
  base::UniqueFd reader(pipe[0]), writer(pipe[1]);
  const std::vector<int> default_signals = not_ignored();
  sigset_t before;
  const sigset_t set = forwarded_set();
  ::sigprocmask(SIG_BLOCK, &set, &before);
  std::optional<observe::Launched> launched;
  if (!command.empty())
    if (auto made = observe::Launched::make(command, {.filtered = true, .mask = &before})) launched = std::move(*made);
  const pid_t self = ::getpid();
  const pid_t worker = ::fork();
  if (worker < 0) return fmt::print(stderr, "tlswhy: can't start a process\n"), kCannotInspect;
  if (worker == 0) {
    lifeline->hold();
    if (launched && observe::Tracer::begin(*launched, &*lifeline) != 0) launched.reset();  // first of all: the command waits for it
    reader.reset();
    ::prctl(PR_SET_NAME, "observer");  // `pkill tlswhy` means the front
    ignore(default_signals, before);
    work(FrontLine(self, std::move(writer), default_signals, &*lifeline), std::move(launched));
    std::fflush(nullptr);
    lifeline->let_go();
    ::_exit(0);
  }
  if (launched) launched->leave();
  Front front(worker, *lifeline, std::move(reader), base::UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC)));
  const int status = front.run([&] {
    if (::fork() == 0) {
      ::close(front.reader());
      ignore(default_signals, before);
      guard(FrontLine(self, std::move(writer), {}, &*lifeline));
    }
    writer.reset();
  });
  std::fflush(nullptr);
  ::_exit(status);  // what is left to take down goes with the process
}

}  // namespace tlswhy::cli
