#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "cli/environment.h"
#include "cli/scan_files.h"
#include "cli/scan_place.h"
#include "cli/scan_settings.h"

namespace tlswhy::cli {
namespace {

struct ScanOptions {
  Options common;
  std::vector<std::string> paths;
  std::string env_file, config, fail_on;
  bool roots = false;
};

// Told on a terminal, while it takes more than a moment.
class Progress {
 public:
  explicit Progress(const Options& options) : on_(::isatty(STDERR_FILENO) == 1 && options.screen == "terminal") {}
  ~Progress() { clear(); }
  void tell(const std::string& what) const {
    if (on_) write_stderr("\r\x1b[Ktlswhy: " + what);
  }
  void clear() const {
    if (on_) write_stderr("\r\x1b[K");
  }

 private:
  bool on_;
};

// One path into the report.
base::Result<void> inspect(const std::string& path, const ScanRequest& request, const Progress& progress, Searches& searches,
                           findings::Report& report) {
  progress.tell("reading " + base::printable(path, 200));
  TRY(places, places_of(path, request));
  for (const ScanPlace& place : places)
    TRY_VOID(scan_place(place, searches, report, [&](std::size_t done, std::size_t of) {
      progress.tell(fmt::format("{}: {} of {} ELF files", base::printable(place.given, 200), done, of));
    }));
  return {};
}

// The report on all of them; `worst` becomes kCannotInspect where one could not be, which is told on standard error.
findings::Report inspect_all(const ScanOptions& options, const ScanRequest& request, int& worst) {
  findings::Report report;
  report.kind = facts::Kind::kScan;
  report.facts.target.command = options.paths;
  report.facts.target.root = options.common.root;
  const Progress progress(options.common);
  Searches searches(options.roots);
  for (const std::string& path : options.paths) {
    const auto done = inspect(path, request, progress, searches, report);
    progress.clear();
    if (done) continue;
    fmt::print(stderr, "tlswhy: {}: {}\n", base::printable(path), done.error().text());
    worst = kCannotInspect;
  }
  return report;
}

bool fails(const findings::Report& report, const ScanOptions& options, const std::vector<std::string>& codes) {
  return std::ranges::any_of(report.findings, [&](const findings::Finding& finding) {
    return options.fail_on.empty() || std::ranges::find(codes, finding.code) != codes.end();
  });
}

int run(const ScanOptions& options) {
  const auto environment = environment_of(false, options.env_file);
  const auto settings = read_scan_settings(options.config);
  const auto codes = options.fail_on.empty() ? base::Result<std::vector<std::string>>{} : read_fail_on(options.fail_on);
  if (!environment) return deliver(std::unexpected(environment.error()), options.common);
  if (!settings) return deliver(std::unexpected(settings.error()), options.common);
  if (!codes) return deliver(std::unexpected(codes.error()), options.common);
  int worst = kNothingWrong;
  findings::Report report = inspect_all(options, {options.common.root, *environment}, worst);
  if (report.facts.files.empty() && worst == kCannotInspect) return worst;
  apply(*settings, report);
  const bool failed = fails(report, options, *codes);
  report.outcome = failed ? "failed" : "ok";
  const int delivered = deliver(report, options.common);
  const int told = static_cast<int>(failed ? kFindings : kNothingWrong);
  return std::max({delivered == kFindings ? told : delivered, told, worst});
}

}  // namespace

int scan_command(const std::vector<std::string>& arguments) {
  Arguments parser(
      "Tells which TLS stacks programs, libraries, folders, packages and images hold, where each looks for anchors, and what fails there.",
      "tlswhy scan");
  ScanOptions options;
  parser.common(options.common);
  parser.add("--root", options.common.root, "judge the paths below DIR instead of /").type("DIR").more("Links never lead out of it.");
  parser.flag("--roots", options.roots, "list the authorities' certificates that the files themselves carry, too");
  parser.add("--env-file", options.env_file, "the variables that the programs will have, lines NAME=VALUE").type("FILE");
  parser.add("--fail-on", options.fail_on, "exit with 1 for these causes only").type("CODE,...|none").more("Without it, for any.");
  parser.add("--config", options.config, "findings to ignore, with reasons; .tlswhy.toml here if there is one").type("FILE");
  parser
      .add("PATH", options.paths,
           "programs, libraries, folders, packages (.whl .jar .zip .deb .rpm .apk), archives, images (OCI layout, docker save)")
      .required();
  if (const auto status = parser.parse(arguments)) return *status;
  return run(options);
}

}  // namespace tlswhy::cli
