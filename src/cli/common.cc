#include "cli/common.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/text.h"
#include "base/unique_fd.h"
#include "cli/command.h"
#include "findings/json.h"

namespace tlswhy::cli {

using base::fail_errno;
using base::Result;

std::vector<std::string> take_command(std::vector<std::string>& arguments) {
  const auto dashes = std::ranges::find(arguments, "--");
  if (dashes == arguments.end()) return {};
  std::vector<std::string> command(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
  return command;
}

report::Style style_for(const Options& options, int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  const bool terminal = ::isatty(fd) == 1;
  const bool wanted =
      options.color == Color::kAlways || (options.color == Color::kAuto && terminal && !dumb && (no_color == nullptr || *no_color == '\0'));
  return {wanted && !options.plain, options.plain};
}

namespace {

Result<void> write_all(int fd, std::string_view text, const std::string& place) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(errno, "can't write", place);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  const std::string temporary = fmt::format("{}.tlswhy-{}", path, ::getpid());
  base::UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd.valid()) return fail_errno(errno, "can't write", path);
  Result<void> done = write_all(fd.get(), text, path);
  if (done && ::fsync(fd.get()) != 0) done = fail_errno(errno, "can't write", path);
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = fail_errno(errno, "can't write", path);
  if (!done) ::unlink(temporary.c_str());
  return done;
}

}  // namespace

Result<void> write_output(const std::string& path, const std::string& text) {
  if (path == "-") return write_all(STDOUT_FILENO, text, "standard output");
  struct stat st{};
  // A device or pipe (/dev/stderr, a FIFO) is written to, not replaced.
  if (::stat(path.c_str(), &st) == 0 && !S_ISREG(st.st_mode)) {
    const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd.valid()) return fail_errno(errno, "can't write", path);
    return write_all(fd.get(), text, path);
  }
  return replace_file(path, text);
}

bool write_report(const findings::Report& report, const Options& options) {
  if (options.json.empty()) return true;
  const auto written = write_output(options.json, findings::to_json(report));
  if (!written) fmt::print(stderr, "tlswhy: {}\n", written.error().text());
  return written.has_value();
}

}  // namespace tlswhy::cli
