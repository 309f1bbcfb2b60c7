#include "diagnose/rerun.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/socket.h"
#include "base/temporary_file.h"
#include "base/unique_fd.h"
#include "facts/reasons.h"
#include "findings/json.h"

namespace tlswhy::diagnose {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::UniqueFd;
using findings::Answer;
using findings::Change;
using findings::Edit;
using findings::EditKind;

namespace {

constexpr int kDeadlineMs = 120'000;
constexpr std::size_t kMaxReport = 64U << 20;
constexpr int kNotChanged = 125;  // exit status of a child that could not make the change

// The child: takes the change on and becomes a tlswhy that watches the command and writes its report to `report`.
[[noreturn]] void become(const std::vector<std::string>& command, const Change& change, const std::vector<prove::FileEdit>& edits,
                         const std::string& report) {
  ::setpgid(0, 0);
  if (!prove::apply_privately(edits)) ::_exit(kNotChanged);
  for (const Edit& edit : change.edits) {
    if (edit.kind == EditKind::kSetVariable) ::setenv(edit.target.c_str(), edit.value.c_str(), 1);
    if (edit.kind == EditKind::kUnsetVariable) ::unsetenv(edit.target.c_str());
  }
  std::vector<std::string> words{"tlswhy", "run", "--no-probe", "--json", report, "--"};
  for (const std::string& word : change.applied_to(command)) words.push_back(word);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, fd);
  ::execv("/proc/self/exe", arguments.data());
  ::_exit(kNotChanged);
}

// Its status; nothing when it took too long, and was ended with all that it started.
std::optional<int> wait_for(pid_t pid) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd waiting{process.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&waiting, 1, kDeadlineMs)) < 0 && errno == EINTR) {
  }
  if (ready <= 0) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return ready > 0 ? std::optional(status) : std::nullopt;
}

Result<findings::Report> read_report(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 65536> piece{};
  for (ssize_t got = 0; (got = ::read(fd.get(), piece.data(), piece.size())) > 0 && text.size() < kMaxReport;)
    text.append(piece.data(), static_cast<std::size_t>(got));
  if (text.empty()) return fail(Code::kNotFound, "no report came of running the command again");
  return findings::from_json(text);
}

// A name may have several addresses, so the port and the name count.
bool same_peer(const facts::Handshake& one, const facts::Handshake& other) {
  return one.servername == other.servername && base::parse_endpoint(one.peer).port == base::parse_endpoint(other.peer).port;
}

Result<Answer> outcome(const findings::Report& report, const facts::Handshake& seen) {
  const facts::Handshake* last = nullptr;
  for (const facts::Handshake& shake : report.facts.handshakes) {
    if (!same_peer(shake, seen)) continue;
    if (shake.result == "ok" && !shake.unused) return Answer{true, facts::Reason::kAccepted, 0, 0, "the handshake succeeded"};
    last = &shake;
  }
  if (last == nullptr) return fail(Code::kNotFound, "run again, the command did not come to " + seen.peer);
  const facts::Verify verify = last->verify.value_or(facts::Verify{});
  return Answer{false, facts::reason_of(*last), verify.code, verify.depth, verify.text.empty() ? "the handshake failed" : verify.text};
}

bool can_be_made(const Change& change) {
  constexpr std::array kMade{EditKind::kSetVariable, EditKind::kUnsetVariable, EditKind::kSetOption, EditKind::kUnsetOption,
                             EditKind::kWriteFile,   EditKind::kMakeLink,      EditKind::kSetMode,   EditKind::kRepairBundle,
                             EditKind::kRehash,      EditKind::kFreshProcess};
  return !change.empty() && std::ranges::all_of(change.edits, [&](const Edit& edit) { return std::ranges::find(kMade, edit.kind) != kMade.end(); });
}

}  // namespace

Result<Answer> Rerun::operator()(const Change& change, const std::vector<prove::FileEdit>& edits, const facts::Handshake& seen) {
  if (!can_be_made(change)) return fail(Code::kUnsupported, "no command can be run under this change");
  if (left_-- <= 0) return fail(Code::kUnsupported, "the command was run three times already");
  base::TemporaryFile file;
  TRY(report, file.write(""));
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "can't start a process");
  if (pid == 0) become(command_, change, edits, report);
  const auto status = wait_for(pid);
  if (!status) return fail(Code::kTimeout, "run again, the command did not end within two minutes");
  if (WIFEXITED(*status) && WEXITSTATUS(*status) == kNotChanged) return fail(Code::kUnsupported, "files can't be changed for a trial here");
  TRY(told, read_report(report));
  return outcome(told, seen);
}

}  // namespace tlswhy::diagnose
