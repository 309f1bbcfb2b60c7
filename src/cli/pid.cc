#include <fmt/format.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "cli/front.h"
#include "diagnose/analyse.h"
#include "diagnose/diagnose.h"
#include "diagnose/peer.h"
#include "diagnose/viewpoint.h"
#include "host/proc_files.h"
#include "observe/collector.h"
#include "observe/tracer.h"
#include "stacks/stack.h"

namespace tlswhy::cli {
namespace {

struct PidOptions {
  Options common;
  pid_t pid = 0;
  std::string connect, servername, starttls;
  unsigned watch = 0;  // seconds
};

// A process that can be looked at: running or stopped, with a program. `pid` may be a thread of it.
base::Result<pid_t> check(pid_t pid) {
  const std::string place = fmt::format("pid {}", pid);
  const auto text = host::read_proc(pid, "status");
  if (!text) return base::fail(text.error().code, "there is no such process", place);
  const host::ProcStatus status = host::parse_status(*text);
  if (status.state == 'Z' || status.state == 'X')
    return base::fail(base::Code::kUnsupported, "it has ended and only waits for its parent to notice", place);
  if (status.kernel_thread) return base::fail(base::Code::kUnsupported, "it is a thread of the kernel: it has no program and no libraries", place);
  const pid_t group = status.tgid > 0 ? status.tgid : pid;
  if (const auto maps = host::read_proc(group, "maps"); !maps)
    return base::fail(base::Code::kDenied,
                      ::geteuid() == 0
                          ? "the kernel lets nobody look into it"
                          : fmt::format("it runs as user {}, and user {} may not look into it (run tlswhy as root)", status.who.uid, ::geteuid()),
                      place);
  return group;
}

base::Result<facts::Recording> record(const PidOptions& options, pid_t pid, const std::shared_ptr<const facts::Snapshot>& eyes) {
  facts::Recording out;
  if (options.watch > 0) {
    TRY(lifeline, observe::Lifeline::make());
    observe::Collector collector(stacks::trust_variables());
    observe::TraceOptions tracing;
    tracing.lifeline = &lifeline;
    observe::Tracer tracer(collector, tracing);
    base::Result<void> watched;
    run_guarded(lifeline, [&] { watched = tracer.watch(pid, options.watch); });
    TRY_VOID(std::move(watched));
    out = collector.finish();
  }
  if (!options.connect.empty()) {
    TRY(peer, diagnose::find_peer(options.connect, options.servername, options.starttls));
    TRY(answer, diagnose::ask(peer, 0));
    answer.process = eyes;
    answer.facts.pid = pid;
    out.handshakes.push_back(std::move(answer));
  }
  out.snapshots.push_back(eyes);
  return out;
}

base::Result<findings::Report> inspect(const PidOptions& options) {
  TRY(pid, check(options.pid));
  TRY(eyes, diagnose::viewpoint(std::to_string(pid)));
  TRY(recording, record(options, pid, eyes));
  diagnose::Analysis analysis = diagnose::analyse(std::move(recording), {options.watch > 0, true, ""});
  if (!options.connect.empty()) diagnose::verify_as_seen(analysis);
  if (analysis.facts.processes.empty()) analysis.facts.processes.push_back(eyes->process);
  for (const std::string& what : eyes->unseen) analysis.facts.unseen.push_back(what);
  findings::Report report = diagnose::conclude(analysis, {options.watch > 0, options.connect.empty() && options.watch == 0});
  report.kind = facts::Kind::kPid;
  report.facts.target.command = report.facts.processes.back().command;
  report.facts.target.watched = options.watch;
  return report;
}

}  // namespace

int pid_command(const std::vector<std::string>& arguments) {
  Arguments parser("Looks at a running process: the TLS libraries it maps, the stores they read, and whether it would trust a peer.", "tlswhy pid");
  PidOptions options;
  parser.common(options.common);
  parser.add("--connect", options.connect, "ask this peer for its chain and verify it in the process's own library").type("HOST[:PORT]");
  parser.add("--servername", options.servername, "the name to ask for (SNI); HOST by default").type("NAME");
  parser.add("--starttls", options.starttls, "begin in clear text: smtp, imap, …").type("PROTOCOL");
  parser.add("--watch", options.watch, "attach for so many seconds, explain the handshakes that it makes, and let it go as it was")
      .type("SECONDS")
      .between(1, 86'400);
  parser.add("PID", options.pid, "process number").required().at_least(1);
  if (const auto status = parser.parse(arguments)) return *status;
  return deliver(inspect(options), options.common);
}

}  // namespace tlswhy::cli
