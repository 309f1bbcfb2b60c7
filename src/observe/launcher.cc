#include "observe/launcher.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
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

constexpr char kNoFilter = 'n';
constexpr char kExecFailed = 'e';

// Kernels before 5.16 slow down what has a filter, against speculative attacks on sandboxes (Documentation/userspace-api/
// spec_ctrl.rst), which this is none of. Kernels before 4.17 don't know the flag.
bool set_filter(const sock_fprog& program) {
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0 ||
         (errno == EINVAL && ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
}

bool install(std::span<const sock_filter> filter) {
  const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  if (set_filter(program)) return true;
  // Without CAP_SYS_ADMIN a filter needs no_new_privs. A traced set-uid program would not get its rights then
  // anyway (execve(2): they are withheld while an unprivileged tracer is attached).
  return errno == EACCES && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_filter(program);
}

[[noreturn]] void child(const std::vector<std::string>& command, const std::string& program, std::span<const int> default_signals, int go,
                        int report) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  for (const int signal : default_signals) ::signal(signal, SIG_DFL);
  char how = 0;
  while (::read(go, &how, 1) < 0 && errno == EINTR) {
  }
  // Nothing is said of a filter that is in: saying it would be the first call to stop at.
  if (how == static_cast<char>(Start::kFiltered) && !install(call_filter())) (void)!::write(report, &kNoFilter, 1);
  if (how != 0 && !program.empty()) ::execv(program.c_str(), arguments.data());
  // It was a folder, say, or is a script without "#!".
  if (how != 0) ::execvp(arguments[0], arguments.data());
  const std::array<char, 2> failed{kExecFailed, static_cast<char>(errno)};
  (void)!::write(report, failed.data(), failed.size());
  ::_exit(127);
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  for (const std::string& folder : base::split(path != nullptr ? path : "/bin:/usr/bin", ':')) {
    std::string file = folder.empty() ? name : folder + "/" + name;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

base::Result<Launched> Launched::fork(const std::vector<std::string>& command, std::span<const int> default_signals,
                                      const std::map<std::string, std::string>& environment) {
  std::array<int, 2> go{}, report{};
  if (::pipe2(go.data(), O_CLOEXEC) != 0) return base::fail_errno(errno, "can't make a pipe");
  base::UniqueFd go_read(go[0]), go_write(go[1]);
  if (::pipe2(report.data(), O_CLOEXEC) != 0) return base::fail_errno(errno, "can't make a pipe");
  base::UniqueFd report_read(report[0]), report_write(report[1]);
  Launched out;
  out.program_ = find_program(command.front());
  out.pid_ = ::fork();
  if (out.pid_ < 0) return base::fail_errno(errno, "can't start a process");
  if (out.pid_ == 0) {
    go_write.reset();
    report_read.reset();
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    child(command, out.program_, default_signals, go_read.get(), report_write.get());
  }
  out.go_ = std::move(go_write);
  out.report_ = std::move(report_read);
  return out;
}

void Launched::start(Start how) {
  const char word = static_cast<char>(how);
  (void)!::write(go_.get(), &word, 1);
  go_.reset();
}

void Launched::read_report(StartReport& report, bool wait) {
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
