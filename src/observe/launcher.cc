#include "observe/launcher.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/text.h"
#include "observe/syscalls.h"

namespace tlswhy::observe {
namespace {

constexpr char kNoFilter = 'n', kExecFailed = 'e';  // the report

struct Pipe {
  base::UniqueFd reader, writer;
};

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::fail_errno(errno, "can't make a pipe");
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

// Kernels before 5.16 slow down what has a filter, against speculative attacks on sandboxes (Documentation/userspace-api/
// spec_ctrl.rst), which this is none of. Kernels before 4.17 don't know the flag.
bool set_filter(const sock_fprog& program) {
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0) return true;
  return errno == EINVAL && ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

bool install(std::span<const sock_filter> filter) {
  const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  // Without CAP_SYS_ADMIN a filter needs no_new_privs. A traced set-uid program would not get its rights then
  // anyway (execve(2): they are withheld while an unprivileged tracer is attached).
  return set_filter(program) || (errno == EACCES && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_filter(program));
}

// Whether it was told to go on. By a call that the filter does not stop at: nobody may be there yet to stop for.
bool may_go(int go) {
  pollfd word{go, POLLIN, 0};
  while (::poll(&word, 1, -1) < 0 && errno == EINTR) {
  }
  return (word.revents & POLLIN) != 0;
}

// The child.
[[noreturn]] void execute(const std::vector<std::string>& command, const Launched::Setting& setting, int go, int report) {
  for (const int signal : setting.default_signals) ::signal(signal, SIG_DFL);
  if (setting.mask != nullptr) ::sigprocmask(SIG_SETMASK, setting.mask, nullptr);
  for (const auto& [name, value] : setting.environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  // Where Yama lets only ancestors trace (ptrace_scope 1): the tracer, and whoever takes its place, descend from our parent.
  ::prctl(PR_SET_PTRACER, ::getppid());
  // Nothing is said of a filter that is in: saying it would be the first call to stop at.
  if (setting.filtered && !install(call_filter())) (void)!::write(report, &kNoFilter, 1);
  if (may_go(go)) {
    ::execvp(words.front(), words.data());
    const std::array<char, 2> failed{kExecFailed, static_cast<char>(errno)};
    (void)!::write(report, failed.data(), failed.size());
  }
  ::_exit(127);
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.contains('/')) return name;
  const char* path = std::getenv("PATH");
  for (const std::string& folder : base::split(path != nullptr ? path : "/bin:/usr/bin", ':')) {
    const std::string file = folder.empty() ? name : folder + "/" + name;
    if (!name.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

base::Result<Launched> Launched::make(const std::vector<std::string>& command, const Setting& setting) {
  TRY(go, make_pipe());
  TRY(report, make_pipe());
  Launched out;
  out.pid_ = ::fork();
  if (out.pid_ < 0) return base::fail_errno(errno, "can't start a process");
  if (out.pid_ == 0) {
    go.writer.reset();
    report.reader.reset();
    execute(command, setting, go.reader.get(), report.writer.get());
  }
  out.go_ = std::move(go.writer);
  out.report_ = std::move(report.reader);
  return out;
}

Launched::~Launched() {
  if (!go_.valid()) return;
  go_.reset();
  ::waitpid(pid_, nullptr, __WALL);
}

void Launched::start() {
  (void)!::write(go_.get(), "", 1);
  go_.reset();
}

void Launched::leave() {
  go_.reset();
  report_.reset();
}

void Launched::read_report(StartReport& report, bool wait) const {
  if (!report_.valid()) return;
  const int flags = ::fcntl(report_.get(), F_GETFL);
  ::fcntl(report_.get(), F_SETFL, wait ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
  char word = 0;
  while (::read(report_.get(), &word, 1) == 1) {
    if (word == kNoFilter) report.filtered = false;
    if (word != kExecFailed) continue;
    char error = 0;
    if (::read(report_.get(), &error, 1) == 1) report.exec_error = static_cast<unsigned char>(error);
  }
}

}  // namespace tlswhy::observe
