#include "lab/results.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/text.h"
#include "base/unique_fd.h"

namespace lab {

using tlswhy::base::Code;
using tlswhy::base::fail;
using tlswhy::base::fail_errno;
using tlswhy::base::Result;

namespace {

constexpr std::size_t kFields = 9;

struct Sum {
  std::set<std::string> scenarios, programs;
  unsigned runs = 0, right = 0, proven = 0, fixes = 0, verified = 0;

  void add(const RunResult& one) {
    scenarios.insert(one.scenario);
    programs.insert(one.program);
    ++runs;
    right += one.found == one.expected ? 1 : 0;
    proven += one.found == one.expected && one.certainty == "proven" ? 1 : 0;
    fixes += one.fix_offered ? 1 : 0;
    verified += one.fix_verified ? 1 : 0;
  }
};

std::string row(const std::string& name, const Sum& sum) {
  return fmt::format("| {:<10} | {:>9} | {:>4} | {:>11} | {:>6} | {:>11} | {:>12} | {} |\n", name, sum.scenarios.size(), sum.runs, sum.right,
                     sum.proven, sum.fixes, sum.verified, tlswhy::base::join({sum.programs.begin(), sum.programs.end()}, ", "));
}

std::string times(std::vector<RunResult> results) {
  std::erase_if(results, [](const RunResult& one) { return one.milliseconds == 0; });
  if (results.empty()) return "";
  std::ranges::sort(results, {}, &RunResult::milliseconds);
  return fmt::format("From the program's end to the report: {} ms in the middle, {} ms at worst ({}).\n", results[results.size() / 2].milliseconds,
                     results.back().milliseconds, results.back().scenario);
}

// What a launcher such as env(1) starts, by its name alone: "curl", "static".
std::string program_of(const std::vector<std::string>& argv) {
  constexpr std::array kLaunchers{"env", "faketime", "setpriv"};
  // Neither an option nor a setting, and no name of a variable.
  const auto is_word = [&](const std::string& word) {
    const bool lower = std::ranges::any_of(word, [](unsigned char c) { return std::islower(c) != 0; });
    return lower && !word.starts_with('-') && !word.contains('=') && std::ranges::find(kLaunchers, word) == kLaunchers.end();
  };
  const auto found = std::ranges::find_if(argv, is_word);
  std::string name = std::filesystem::path(found == argv.end() ? argv.front() : *found).filename().string();
  std::erase_if(name, [](char c) { return c == '{' || c == '}'; });
  return name.contains(' ') ? argv.front() : name;
}

}  // namespace

RunResult result_of(const Scenario& scenario, const tlswhy::findings::Report& report) {
  RunResult out;
  out.scenario = scenario.name;
  out.program = program_of(scenario.argv);
  out.expected = scenario.expected.code;
  out.works = scenario.expected.outcome == "ok";
  out.milliseconds = report.took_ms;
  if (report.findings.empty()) return out;
  const auto& first = report.findings.front();
  out.found = first.code;
  out.certainty = first.certainty;
  out.fix_offered = !first.fixes.empty();
  out.fix_verified = std::ranges::any_of(first.fixes, &tlswhy::findings::Fix::verified);
  return out;
}

Result<void> append(const std::string& file, const RunResult& one) {
  const std::string line = fmt::format("{}\t{}\t{}\t{}\t{}\t{:d}\t{:d}\t{:d}\t{}\n", one.scenario, one.program, one.expected, one.found,
                                       one.certainty, one.fix_offered, one.fix_verified, one.works, one.milliseconds);
  const tlswhy::base::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  // One write: others append to it as well.
  if (!fd.valid() || ::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) return fail_errno(errno, "can't write", file);
  return {};
}

Result<std::vector<RunResult>> read_results(const std::string& file) {
  std::ifstream in(file);
  if (!in) return fail(Code::kNotFound, "no results", file);
  std::vector<RunResult> out;
  for (std::string line; std::getline(in, line);) {
    const auto fields = tlswhy::base::split(line, '\t');
    if (fields.size() != kFields) return fail(Code::kMalformed, "not a line of results", file);
    RunResult one{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5] == "1", fields[6] == "1", fields[7] == "1", 0};
    std::from_chars(fields[8].data(), fields[8].data() + fields[8].size(), one.milliseconds);
    out.push_back(std::move(one));
  }
  return out;
}

std::string table_of(const std::vector<RunResult>& results) {
  std::map<std::string, Sum> by_code;
  Sum all;
  unsigned works = 0, alarms = 0;
  for (const RunResult& one : results) {
    all.add(one);
    if (one.works) ++works, alarms += one.found.empty() ? 0 : 1;
    if (!one.expected.empty()) by_code[one.expected].add(one);
  }
  std::string out =
      "| cause      | scenarios | runs | first right | proven | fix offered | fix verified | programs |\n|---|--:|--:|--:|--:|--:|--:|---|\n";
  for (const auto& [code, sum] : by_code) out += row(code, sum);
  all.programs.clear();
  out += row("all", all);
  out += fmt::format("\n{} runs of programs that work: {} false alarms.\n{}", works, alarms, times(results));
  return out;
}

}  // namespace lab
