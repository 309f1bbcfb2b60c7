// tlswhy lab: list, build, run NAME, exec NAME -- CMD, test [NAME…].

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "diagnose/diagnose.h"
#include "findings/json.h"
#include "lab/check.h"
#include "lab/prepare.h"
#include "lab/results.h"
#include "lab/root_picture.h"
#include "lab/world.h"

namespace lab {
namespace {

using tlswhy::base::Error;
using tlswhy::base::Result;
using tlswhy::cli::kCannotInspect;
using tlswhy::cli::kFindings;
using tlswhy::cli::kNothingWrong;

constexpr int kSkipped = 77;

int complain(const Error& error) { return fmt::print(stderr, "tlswhy lab: {}\n", error.text()), kCannotInspect; }

// Runs `inside` in a forked process that lives in a new world with the scenario set up; returns its status.
template <typename Inside>
int in_world(const Scenario& scenario, const Places& places, const std::string& tls, Inside inside) {
  const std::string scratch = places.data + "/scratch";
  std::error_code ignored;
  std::filesystem::create_directories(scratch, ignored);
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const auto status = [&]() -> Result<int> {
      TRY_VOID(enter_world(scratch));
      TRY(servers, prepare(scenario, places, tls));
      return inside();
    }();
    const int code = status ? *status : complain(status.error());
    std::fflush(nullptr);
    ::_exit(code);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kCannotInspect;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string quoted(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + tlswhy::base::shell_quote(word);
  return out;
}

// The commands of `run`'s fixes are ours: by this name, and with a journal of the world's own.
Environment with_tlswhy(Environment env, const Places& places) {
  env["PATH"] = std::filesystem::path(places.tlswhy).parent_path().string() + ":" + env["PATH"];
  env["XDG_STATE_HOME"] = std::string(kLab) + "/state";
  return env;
}

// Takes back what was applied and tells what is not as it was before; "" when all is.
std::string undone(const std::map<std::string, std::string>& before, const Environment& env, const std::string& output) {
  const auto status = run({"tlswhy", "fix", "--undo"}, env, "", output);
  if (!status || *status != 0) return "the fix can't be undone";
  const std::string left = first_difference(before, root_picture());
  return left.empty() ? "" : "undone, but not as it was before: " + left;
}

// Does what the first verified fix says, as root, and asks whether the program succeeds then. A fix that runs the program
// itself (with another environment) is all that is run.
std::string try_fix(const tlswhy::findings::Report& report, const Scenario& scenario, const Places& places, const std::string& output) {
  const auto* const fix = verified_fix(report);
  if (fix == nullptr) return "no verified fix";
  std::string program = quoted(expand_all(scenario.argv, places));
  const bool runs_program = fix->command.ends_with(program);
  std::string line = runs_program ? fix->command : program;
  if (!scenario.user.empty())
    line = fmt::format("setpriv --reuid={0} --regid=$(id -g {0}) --clear-groups sh -c {1}", scenario.user, tlswhy::base::shell_quote(line));
  const bool undoable = !runs_program && fix->command.starts_with("tlswhy fix ");
  if (!runs_program) line = (undoable ? "echo y | " : "") + fix->command + "\n" + line;
  const Environment env = with_tlswhy(clean_environment(scenario.env, places), places);
  const auto before = undoable ? root_picture() : std::map<std::string, std::string>{};
  const auto status = run({"sh", "-c", line}, env, "", output);
  if (!status) return status.error().text();
  if (*status != 0) return fmt::format("after the fix the program still fails (status {}): {}", *status, line);
  return undoable ? undone(before, env, output) : "";
}

// One test run inside the world: 0 as expected, 1 not.
int check_inside(const Scenario& scenario, const Places& places, const std::string& tls, const std::string& results) {
  const std::string folder = std::string(kLab) + "/out";
  std::filesystem::create_directories(folder);
  ::chmod(folder.c_str(), 01777);
  const std::string json = folder + "/report.json", output = folder + "/output.txt";
  std::vector<std::string> argv{places.tlswhy, "run", "--json", json, "--color", "never"};
  for (const std::string& option : scenario.options) argv.push_back(expand(option, places));
  argv.push_back("--");
  for (const std::string& word : scenario.argv) argv.push_back(expand(word, places));
  const auto status = run(argv, clean_environment(scenario.env, places), scenario.user, output);
  if (!status) return complain(status.error());
  const auto report = tlswhy::findings::from_json(read_text(json));
  std::vector<std::string> wrong;
  if (report)
    wrong = differences(*report, *status, read_text(output), scenario.expected);
  else
    wrong.push_back("the report can't be read: " + report.error().text());
  // What was saved tells the same story wherever it is judged.
  if (report && tlswhy::findings::to_json(tlswhy::diagnose::judge_again(*report)) != tlswhy::findings::to_json(*report))
    wrong.push_back("judged again, the saved report says something else");
  if (report && scenario.expected.fix_works)
    if (const std::string trouble = try_fix(*report, scenario, places, output); !trouble.empty()) wrong.push_back(trouble);
  if (report && !results.empty())
    if (const auto kept = append(results, result_of(scenario, *report)); !kept) wrong.push_back(kept.error().text());
  fmt::print("{} {} ({}, TLS {})\n", wrong.empty() ? "PASS" : "FAIL", scenario.name, std::filesystem::path(scenario.argv.front()).filename().string(),
             tls);
  for (const std::string& line : wrong) fmt::print("  {}\n", line);
  if (!wrong.empty()) fmt::print("--- what the command and tlswhy printed\n{}\n--- report\n{}\n", read_text(output), read_text(json));
  return wrong.empty() ? kNothingWrong : kFindings;
}

std::string missing_program(const Scenario& scenario, const Places& places) {
  // A program, a file, or what a shell is to try.
  for (const std::string& program : expand_all(scenario.needs, places))
    if (run({"sh", "-c", program.find(' ') != std::string::npos ? program : "command -v \"$0\" || test -e \"$0\"", program},
            clean_environment({}, places), "", "/dev/null") != 0)
      return program;
  return "";
}

int test_with(const Scenario& scenario, const Places& places, const std::string& results) {
  if (const std::string missing = missing_program(scenario, places); !missing.empty())
    return fmt::print("SKIP {}: needs {}\n", scenario.name, missing), kSkipped;
  int worst = 0;
  for (const std::string& tls : scenario.tls)
    worst = std::max(worst, in_world(scenario, places, tls, [&]() -> Result<int> { return check_inside(scenario, places, tls, results); }));
  return worst;
}

// The worst of its programs; skipped only if all are.
int test_one(const std::string& name, const Places& places, const std::string& results) {
  const auto scenario = read_scenario(fmt::format("{}/scenarios/{}.toml", places.share, name));
  if (!scenario) return complain(scenario.error());
  if (scenario->needs_root && ::geteuid() != 0) return fmt::print("SKIP {}: needs root\n", name), kSkipped;
  if (!scenario->openssl.empty() && !read_text(places.data + "/soversion").starts_with(scenario->openssl))
    return fmt::print("SKIP {}: the bundle has another OpenSSL than {}\n", name, scenario->openssl), kSkipped;
  if (scenario->programs.empty()) return test_with(*scenario, places, results);
  std::vector<int> ran;
  for (const Program* program : scenario->programs)
    if (const int status = test_with(with_program(*scenario, program), places, results); status != kSkipped) ran.push_back(status);
  return ran.empty() ? kSkipped : std::ranges::max(ran);
}

// What the file of results holds, for people.
int show_table(const std::string& file) {
  const auto results = read_results(file);
  if (!results) return complain(results.error());
  return fmt::print("{}", table_of(*results)), kNothingWrong;
}

int test(std::vector<std::string> names, const Places& places, const std::string& given) {
  std::string results = given;
  if (names.empty() && given.empty()) {
    results = places.data + "/results.tsv";
    std::filesystem::remove(results);
  }
  const bool all = names.empty();
  if (names.empty()) names = list_scenarios(places.share + "/scenarios");
  int passed = 0, failed = 0, skipped = 0;
  for (const std::string& name : names) {
    const int status = test_one(name, places, results);
    ++(status == 0 ? passed : status == kSkipped ? skipped : failed);
  }
  if (all) show_table(results);
  fmt::print("{} passed, {} failed, {} skipped\n", passed, failed, skipped);
  if (failed > 0) return kFindings;
  return passed == 0 && skipped > 0 ? kSkipped : kNothingWrong;
}

Result<int> narrate(const Scenario& scenario, const Places& places) {
  for (const Step& step : scenario.steps) {
    const auto argv = expand_all(step.argv, places);
    fmt::print("\n== {}\n", step.say);
    std::string line = "$";
    for (const auto& [name, value] : step.env) line += " " + name + "=" + value;
    for (const std::string& word : argv) line += " " + (word == places.tlswhy ? "tlswhy" : tlswhy::base::shell_quote(word));
    fmt::print("{}\n", line);
    TRY(status, run(argv, clean_environment(step.env, places), "", ""));
    if (status != 0) fmt::print("(exit status {})\n", status);
  }
  return 0;
}

// With the first of its programs.
Result<Scenario> read_first(const std::string& name, const Places& places) {
  TRY(scenario, read_scenario(fmt::format("{}/scenarios/{}.toml", places.share, name)));
  return with_program(scenario, scenario.programs.empty() ? nullptr : scenario.programs.front());
}

int run_scenario(const std::string& name, const Places& places) {
  const auto scenario = read_first(name, places);
  if (!scenario) return complain(scenario.error());
  fmt::print("{}\n", scenario->title);
  return in_world(*scenario, places, scenario->tls.front(), [&]() -> Result<int> {
    if (!scenario->steps.empty()) return narrate(*scenario, places);
    std::vector<std::string> argv{places.tlswhy, "run", "--"};
    for (const std::string& word : scenario->argv) argv.push_back(expand(word, places));
    return run(argv, clean_environment(scenario->env, places), scenario->user, "");
  });
}

int exec_in(const std::string& name, const std::string& tls, const std::vector<std::string>& argv, const Places& places) {
  const auto scenario = read_first(name, places);
  if (!scenario) return complain(scenario.error());
  if (argv.empty()) return fmt::print(stderr, "tlswhy lab exec: no command given (`tlswhy lab exec NAME -- CMD`)\n"), tlswhy::cli::kUsage;
  const std::string version = tls.empty() ? scenario->tls.front() : tls;
  return in_world(*scenario, places, version, [&]() -> Result<int> {
    return run(expand_all(argv, places), with_tlswhy(clean_environment(scenario->env, places), places), "", "");
  });
}

int list(const Places& places) {
  for (const std::string& name : list_scenarios(places.share + "/scenarios")) {
    const auto scenario = read_scenario(fmt::format("{}/scenarios/{}.toml", places.share, name));
    fmt::print("{:<34} {}\n", name, scenario ? scenario->title : scenario.error().text());
  }
  return kNothingWrong;
}

}  // namespace
}  // namespace lab

namespace tlswhy::cli {

int lab_command(const std::vector<std::string>& given) {
  std::vector<std::string> arguments = given;
  const std::vector<std::string> command = take_command(arguments);
  Arguments parser("Reproduces known failures with real programs and servers, in namespaces of their own.", "tlswhy lab");
  std::string name, tls, results;
  std::vector<std::string> names;
  const Arguments& list = parser.command("list", "the scenarios");
  const Arguments& build = parser.command("build", "download and build what the scenarios need");
  Arguments& run = parser.command("run", "show one scenario");
  run.add("NAME", name, "the scenario").required();
  Arguments& test = parser.command("test", "run scenarios and compare the reports with what is expected");
  test.add("NAME", names, "scenarios; all without, and a table of how they went");
  test.add("--results", results, "add a line for each run to FILE").type("FILE");
  Arguments& table = parser.command("table", "how the runs went that test --results wrote down");
  table.add("FILE", results, "the file").required();
  Arguments& exec = parser.command("exec", "run a command in a scenario's world");
  exec.add("NAME", name, "the scenario").required();
  exec.add("--tls", tls, "the server's versions: 1.2, 1.3 or both");
  if (const auto status = parser.parse(arguments)) return *status;
  const auto places = lab::find_places();
  if (!places) return lab::complain(places.error());
  if (list.given()) return lab::list(*places);
  if (table.given()) return lab::show_table(results);
  // Asking whether they are the newest takes longer than most scenarios: that is for `lab build`.
  if (build.given() || !lab::has_bundles(*places))
    if (const auto built = lab::build_bundles(*places); !built) return lab::complain(built.error());
  if (build.given()) return kNothingWrong;
  if (run.given()) return lab::run_scenario(name, *places);
  if (exec.given()) return lab::exec_in(name, tls, command, *places);
  return lab::test(names, *places, results);
}

}  // namespace tlswhy::cli
