#include "cli/deliver.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/unique_fd.h"
#include "cli/command.h"
#include "report/table.h"

namespace tlswhy::cli {

using base::fail_errno;
using base::Result;

namespace {

// Honours --color, NO_COLOR (no-color.org) and TERM=dumb.
report::Style style_for(const Options& options, int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  const bool terminal = ::isatty(fd) == 1;
  const bool wanted =
      options.color == Color::kAlways || (options.color == Color::kAuto && terminal && !dumb && (no_color == nullptr || *no_color == '\0'));
  return {wanted, false, options.missing};
}

std::string shown(const findings::Report& report, const Options& options, int fd) {
  return report::form(options.screen).render(report, style_for(options, fd));
}

// The files that are asked for; false when one of them could not be written, which is said.
bool write_files(const findings::Report& report, const Options& options) {
  bool good = true;
  for (const auto& [id, path] : options.files) {
    if (path.empty()) continue;
    const auto written = write_output(path, report::form(id).render(report, {}));
    if (!written) write_stderr(fmt::format("tlswhy: {}\n", written.error().text()));
    good = good && written;
  }
  return good;
}

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

void write_stderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(STDERR_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

int deliver(const findings::Report& report, const Options& options) {
  const bool written = write_files(report, options);
  const bool taken = std::ranges::any_of(options.files, [](const auto& entry) { return entry.second == "-"; });
  if (!taken) fmt::print("{}", shown(report, options, STDOUT_FILENO));
  if (!written) return kCannotInspect;
  return report.outcome == "failed" || !report.findings.empty() ? kFindings : kNothingWrong;
}

int deliver(const Result<findings::Report>& report, const Options& options) {
  if (report) return deliver(*report, options);
  write_stderr(fmt::format("tlswhy: {}\n", report.error().text()));
  return report.error().code == base::Code::kUsage ? kUsage : kCannotInspect;
}

void deliver_after_command(const findings::Report& report, const Options& options) {
  (void)write_files(report, options);
  write_stderr("\n" + shown(report, options, STDERR_FILENO));
}

}  // namespace tlswhy::cli
