#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "cli/front.h"
#include "diagnose/analyse.h"
#include "diagnose/diagnose.h"
#include "observe/collector.h"
#include "observe/key_source.h"
#include "observe/model_only.h"
#include "observe/tracer.h"
#include "stacks/stack.h"

namespace tlswhy::cli {
namespace {

// Exit statuses as a POSIX shell gives them (2.8.2): 127 not found, 126 not executable, 128+n for signal n.
int shell_status(const observe::TraceResult& result) {
  if (result.exec_error != 0) return result.exec_error == ENOENT ? 127 : 126;
  return WIFSIGNALED(result.wait_status) ? 128 + WTERMSIG(result.wait_status) : WEXITSTATUS(result.wait_status);
}

void report_not_run(const std::string& command, int error) {
  const char* why = error == ENOENT ? "command not found" : error == EACCES ? "permission denied" : "can't be executed";
  write_stderr(fmt::format("tlswhy: {}: {} ({})\n", base::printable(command), why, base::errno_name(error)));
}

// Explains why nothing was watched, and how to have it otherwise.
void explain_untraced(const std::string& why, facts::Facts& facts) {
  facts.untraced = true;
  facts.unseen.push_back(why + ": handshakes, alerts and file look-ups");
  facts.unseen.push_back(
      "to let tlswhy watch: run it outside of another tracer; in containers allow the ptrace call (for example "
      "--cap-add=SYS_PTRACE, or a seccomp profile with ptrace); set kernel.yama.ptrace_scope below 3");
}

findings::Report explain(facts::Recording recording, const RunOptions& options, int status) {
  const bool progress = ::isatty(STDERR_FILENO) == 1 && options.common.screen == "terminal";
  if (progress) write_stderr("tlswhy: asking the peers and trying the causes …");
  recording.facts.target = {{}, status};
  for (const std::string& word : options.command) recording.facts.target.command.push_back(base::printable(word));
  diagnose::Options asked;
  asked.probe = options.probe;
  if (options.try_fix) asked.rerun = options.command;
  findings::Report report =
      diagnose::conclude(diagnose::analyse(std::move(recording), {options.probe, options.common.writes_files(), options.store}), asked);
  if (progress) write_stderr("\r\x1b[K");
  return report;
}

// The worker: traces, reports, lets the front go, and stays for what the command left running.
void work(const RunOptions& options, const FrontLine& front, std::optional<observe::Launched> begun) {
  observe::Collector collector(stacks::trust_variables());
  std::optional<observe::KeySource> keys;
  if (options.keylog) {
    if (auto made = observe::KeySource::make())
      keys.emplace(std::move(*made));
    else
      write_stderr(fmt::format("tlswhy: no key log: {}\n", made.error().text()));
  }
  if (keys) collector.use_keys(&*keys);
  observe::ModelOnly model(stacks::trust_variables());
  observe::TraceOptions tracing;
  tracing.lifeline = front.lifeline();
  tracing.default_signals = front.default_signals();
  if (keys) tracing.environment["SSLKEYLOGFILE"] = keys->path();
  tracing.on_stopped = [&] { front.stopped(); };
  tracing.while_untraced = [&](pid_t pid) { model.look(pid); };
  if (tracing.use_seccomp) collector.use_filter(::geteuid() != 0);
  observe::Tracer tracer(collector, tracing);
  const auto result = tracer.run(options.command, std::move(begun));
  if (!result) {
    write_stderr(fmt::format("tlswhy: {}\n", result.error().text()));
    return front.finished(kCannotInspect);
  }
  const int status = shell_status(*result);
  if (result->exec_error != 0) {
    report_not_run(options.command.front(), result->exec_error);
    return front.finished(status);
  }
  const auto ended = std::chrono::steady_clock::now();
  facts::Recording recording = collector.finish();
  if (!result->untraced.empty()) {
    model.move_into(recording);
    explain_untraced(result->untraced, recording.facts);
  }
  if (result->leftovers) recording.facts.unseen.push_back("processes that the command left running: they go on, watched no longer");
  findings::Report report = explain(std::move(recording), options, status);
  const auto took = std::chrono::steady_clock::now() - ended;
  report.took_ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  deliver_after_command(report, options.common);
  front.finished(status);
  if (!result->leftovers) return front.let_pass();  // before anything is taken down
  leave_terminal();
  tracer.keep_leftovers();
}

// What stands before the command; a status where that ends it.
std::optional<int> read_options(std::vector<std::string>& arguments, RunOptions& options) {
  Arguments parser("Runs a command, watches it without changing what it does, and explains every TLS failure on stderr.", "tlswhy run");
  bool no_probe = false;
  parser.common(options.common);
  parser.flag("--no-probe", no_probe, "never connect to a peer again: no chain for TLS 1.3, no remedy tried by a handshake");
  parser.add("--store", options.store, "a bundle from elsewhere to try as the changed thing, when this machine has none").type("BUNDLE");
  parser.flag(
      "--try-fix", options.try_fix,
      "after a failure run the command again, up to three times, under the change that should mend it, its output thrown away; files change for "
      "that run alone");
  std::string keylog = "off";
  parser.add("--keylog", keylog, "auto: set SSLKEYLOGFILE for the command, to read what TLS 1.3 encrypts; off (default): leave its environment alone")
      .type("WHEN")
      .one_of({"auto", "off"});
  parser.leave_rest();
  parser.footer("The exit status is that of CMD: 127 if it was not found, 126 if it can't be executed, 128+N after signal N.");
  if (const auto status = parser.parse(arguments)) return status;
  const std::vector<std::string> words = parser.rest();  // `tlswhy run CMD`: CMD began without a "--"
  options.command.insert(options.command.begin(), words.begin(), words.end());
  options.probe = !no_probe;
  options.keylog = keylog == "auto";
  return std::nullopt;
}

}  // namespace

int run_command(const std::vector<std::string>& given) {
  RunOptions options;
  std::vector<std::string> arguments = given;
  options.command = take_command(arguments);
  // `tlswhy run -- CMD` has nothing to be read, which would take as long as all that is done until CMD begins.
  if (options.command.empty() || !arguments.empty())
    if (const auto status = read_options(arguments, options)) return *status;
  if (options.command.empty()) return fmt::print(stderr, "tlswhy run: no command given (`tlswhy run -- CMD`)\n"), kUsage;
  if (options.command.front().starts_with('-')) return fmt::print(stderr, "tlswhy run: no option {}\n", options.command.front()), kUsage;
  // With a key log the command's environment names the worker, which must be there before it then.
  return run_behind_front(options.keylog ? std::vector<std::string>{} : options.command,
                          [&](const FrontLine& front, std::optional<observe::Launched> begun) { work(options, front, std::move(begun)); });
}

}  // namespace tlswhy::cli
