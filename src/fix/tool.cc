#include "fix/tool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/text.h"
#include "base/unique_fd.h"

namespace tlswhy::fix {
namespace {

constexpr std::size_t kMaxOutput = 64U << 10;

std::string path_variable() {
  const char* path = std::getenv("PATH");
  return std::string(path != nullptr ? path : "") + ":/usr/sbin:/usr/bin:/sbin:/bin";
}

std::string read_all(int fd) {
  std::string out;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    if (out.size() < kMaxOutput) out.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string find_tool(const std::string& name) {
  for (const std::string& folder : base::split(path_variable(), ':')) {
    std::string path = folder + "/" + name;
    if (folder.starts_with('/') && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

base::Result<ToolRun> run_tool(const std::vector<std::string>& argv) {
  const std::string program = find_tool(argv.front());
  if (program.empty()) return base::fail(base::Code::kNotFound, "no such program here", argv.front());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::fail_errno(errno, "can't make a pipe");
  base::UniqueFd out(ends[0]), in(ends[1]);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, in.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, in.get(), STDERR_FILENO);
  std::vector<std::string> words = argv, environment{"PATH=" + path_variable(), "LC_ALL=C"};
  std::vector<char*> arguments, variables;
  for (std::string& word : words) arguments.push_back(word.data());
  for (std::string& variable : environment) variables.push_back(variable.data());
  arguments.push_back(nullptr), variables.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program.c_str(), &files, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return base::fail_errno(error, "can't run it", program);
  in.reset();
  ToolRun run{0, read_all(out.get())};
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

}  // namespace tlswhy::fix
