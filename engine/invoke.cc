#include "engine/invoke.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "base/unique_fd.h"
#include "engine/python_runtime.h"

namespace engine {
namespace {

using tlswhy::base::UniqueFd;
using Clock = std::chrono::steady_clock;

constexpr int kFailed = 3;
constexpr std::size_t kMaxAnswer = 6U << 20;  // the response limit of AWS Lambda's runtime interface

// What the worker sent: a kind byte ('R' result, 'X' exception, 'E' no interpreter) and a text.
struct Answer {
  std::string text;
  bool timed_out = false;
};

[[noreturn]] void worker(const Invocation& invocation, UniqueFd answer) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string problem = run_function(invocation, answer.get());
  if (!problem.empty()) (void)!::write(answer.get(), ("E" + problem).data(), problem.size() + 1);
  ::_exit(problem.empty() ? 0 : kFailed);
}

Answer receive(int fd, int timeout_seconds) {
  const auto until = Clock::now() + std::chrono::seconds(timeout_seconds);
  Answer out;
  std::array<char, 65536> piece{};
  while (out.text.size() < kMaxAnswer) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    const int ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return out.timed_out = true, out;
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got <= 0) break;
    out.text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return out;
}

int report(const Answer& answer, int status, int timeout_seconds) {
  if (answer.timed_out) return fmt::print(stderr, "scriptengine: the function did not end within {} s\n", timeout_seconds), kFailed;
  const char kind = answer.text.empty() ? '\0' : answer.text.front();
  if (kind == 'R') return fmt::print("{}\n", std::string_view(answer.text).substr(1)), 0;
  if (kind == 'X') return fmt::print(stderr, "py throw ex: {}\n", std::string_view(answer.text).substr(1)), 1;
  if (kind == 'E') return fmt::print(stderr, "scriptengine: {}\n", std::string_view(answer.text).substr(1)), kFailed;
  if (WIFSIGNALED(status)) return fmt::print(stderr, "scriptengine: the worker was killed by signal {}\n", WTERMSIG(status)), kFailed;
  return fmt::print(stderr, "scriptengine: the worker ended without an answer (status {})\n", WEXITSTATUS(status)), kFailed;
}

}  // namespace

int invoke(const Invocation& invocation) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fmt::print(stderr, "scriptengine: can't make a pipe\n"), kFailed;
  UniqueFd reader(pipe[0]), writer(pipe[1]);
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return fmt::print(stderr, "scriptengine: can't start a worker\n"), kFailed;
  if (pid == 0) {
    reader.reset();
    worker(invocation, std::move(writer));
  }
  writer.reset();
  const Answer answer = receive(reader.get(), invocation.timeout_seconds);
  if (answer.timed_out) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return report(answer, status, invocation.timeout_seconds);
}

}  // namespace engine
