#include "diagnose/watched_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
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

constexpr std::size_t kMaxReport = 64U << 20;
constexpr int kNotChanged = 125;  // exit status of a child that could not make the change

bool take_user(const host::Credentials& who) {
  if (::geteuid() != 0 || who.uid == 0) return true;
  return ::setgroups(who.groups.size(), who.groups.data()) == 0 && ::setresgid(who.gid, who.gid, who.gid) == 0 &&
         ::setresuid(who.uid, who.uid, who.uid) == 0;
}

void replace_environment(const std::map<std::string, std::string>& variables) {
  std::map<std::string, std::string> kept = variables;
  for (const char* name : {"PATH", "LANG"})
    if (const char* value = std::getenv(name)) kept.emplace(name, value);
  ::clearenv();
  for (const auto& [name, value] : kept) ::setenv(name.c_str(), value.c_str(), 1);
}

void take_variables(const WatchedRun& run) {
  if (run.environment) replace_environment(*run.environment);
  for (const Edit& edit : run.change.edits) {
    if (edit.kind == EditKind::kSetVariable) ::setenv(edit.target.c_str(), edit.value.c_str(), 1);
    if (edit.kind == EditKind::kUnsetVariable) ::unsetenv(edit.target.c_str());
  }
}

// The child: takes the change on and becomes a tlswhy that watches the command and writes its report to `report`.
[[noreturn]] void become(const WatchedRun& run, const std::string& report) {
  ::setpgid(0, 0);
  if (!prove::apply_privately(run.edits) || (run.who && !take_user(*run.who))) ::_exit(kNotChanged);
  take_variables(run);
  std::vector<std::string> words{"tlswhy", "run", "--no-probe", "--json", report, "--"};
  for (const std::string& word : run.change.applied_to(run.command)) words.push_back(word);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, fd);
  ::execv("/proc/self/exe", arguments.data());
  ::_exit(kNotChanged);
}

// Its status; nothing when it took too long, and was ended with all that it started.
std::optional<int> wait_for(pid_t pid, int deadline_ms) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd waiting{process.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&waiting, 1, deadline_ms)) < 0 && errno == EINTR) {
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
  if (text.empty()) return fail(Code::kNotFound, "no report came of it");
  return findings::from_json(text);
}

// A name may have several addresses, so the port and the name count. One that went well without data is good if the command went well.
Result<Answer> outcome(const findings::Report& report, const facts::Handshake& seen, const std::string& servername) {
  const facts::Handshake* last = nullptr;
  const bool content = report.facts.target.exit_code == 0;
  for (const facts::Handshake& shake : report.facts.handshakes) {
    if (shake.servername != servername || base::parse_endpoint(shake.peer).port != base::parse_endpoint(seen.peer).port) continue;
    if (shake.result == "ok" && (content || !shake.unused)) return Answer{true, facts::Reason::kAccepted, 0, 0, "the handshake succeeded"};
    last = &shake;
  }
  if (last == nullptr) return fail(Code::kNotFound, "it did not come to " + seen.peer);
  const facts::Verify verify = last->verify.value_or(facts::Verify{});
  return Answer{false, facts::reason_of(*last), verify.code, verify.depth, verify.text.empty() ? "the handshake failed" : verify.text};
}

bool can_be_made(const Change& change) {
  constexpr std::array kMade{EditKind::kSetVariable,  EditKind::kUnsetVariable, EditKind::kSetOption, EditKind::kUnsetOption,
                             EditKind::kWriteFile,    EditKind::kMakeLink,      EditKind::kSetMode,   EditKind::kRehash,
                             EditKind::kRepairBundle, EditKind::kFreshProcess,  EditKind::kPeerName};
  return std::ranges::all_of(change.edits, [&](const Edit& edit) { return std::ranges::find(kMade, edit.kind) != kMade.end(); });
}

}  // namespace

Result<Answer> run_watched(const WatchedRun& run, const facts::Handshake& seen, const std::string& servername) {
  if (!can_be_made(run.change)) return fail(Code::kUnsupported, "nothing can be run under this change");
  base::TemporaryFile file;
  TRY(report, file.write(""));
  if (run.who && ::geteuid() == 0 && ::chown(report.c_str(), run.who->uid, run.who->gid) != 0)
    return fail_errno(errno, "can't give a file away", report);
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "can't start a process");
  if (pid == 0) become(run, report);
  const auto status = wait_for(pid, run.deadline_ms);
  if (!status) return fail(Code::kTimeout, fmt::format("it did not end within {} s", run.deadline_ms / 1000));
  if (WIFEXITED(*status) && WEXITSTATUS(*status) == kNotChanged) return fail(Code::kUnsupported, "the change can't be made for a trial here");
  TRY(told, read_report(report));
  return outcome(told, seen, servername);
}

}  // namespace tlswhy::diagnose
