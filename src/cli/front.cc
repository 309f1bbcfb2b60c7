#include "cli/front.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "cli/command.h"

namespace tlswhy::cli {
namespace {

constexpr std::array kForwarded{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU};

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
  Front(pid_t worker, base::UniqueFd pipe, base::UniqueFd signals) : worker_(worker), pipe_(std::move(pipe)), signals_(std::move(signals)) {}

  int run() {
    for (;;) {
      std::array<pollfd, 2> waiting{{{pipe_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return kCannotInspect;
      if ((waiting[1].revents & POLLIN) != 0) forward();
      if (waiting[0].revents == 0) continue;
      const Message message = next();
      if (message.kind == 'p') command_ = message.value;
      if (message.kind == 's') ::raise(SIGSTOP);
      if (message.kind == 'x') return message.value;
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
    if (info.ssi_code != SI_KERNEL && command_ > 0) ::kill(command_, static_cast<int>(info.ssi_signo));
  }

  int worker_died() const {
    int status = 0;
    ::waitpid(worker_, &status, 0);
    fmt::print(stderr, "tlswhy: the tracing process ended unexpectedly\n");
    return kCannotInspect;
  }

  pid_t worker_, command_ = 0;
  base::UniqueFd pipe_, signals_;
};

}  // namespace

void FrontLine::send(char kind, int value) const {
  std::array<char, 1 + sizeof(int)> raw{kind};
  std::memcpy(raw.data() + 1, &value, sizeof value);
  (void)!::write(pipe_.get(), raw.data(), raw.size());
}

int run_behind_front(const std::function<void(const FrontLine&)>& work) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fmt::print(stderr, "tlswhy: can't make a pipe\n"), kCannotInspect;
  base::UniqueFd reader(pipe[0]), writer(pipe[1]);
  std::vector<int> default_signals = not_ignored();
  sigset_t before;
  const sigset_t set = forwarded_set();
  ::sigprocmask(SIG_BLOCK, &set, &before);
  const pid_t worker = ::fork();
  if (worker < 0) return fmt::print(stderr, "tlswhy: can't start a process\n"), kCannotInspect;
  if (worker == 0) {
    reader.reset();
    for (const int signal : default_signals) ::signal(signal, SIG_IGN);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    work(FrontLine(std::move(writer), std::move(default_signals)));
    std::fflush(nullptr);
    ::_exit(0);
  }
  writer.reset();
  return Front(worker, std::move(reader), base::UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC))).run();
}

}  // namespace tlswhy::cli
