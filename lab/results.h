#pragma once
// How the scenarios went: one line for each run, appended to a file by whichever process ran it, and the table made of them.

#include <string>
#include <vector>

#include "base/result.h"
#include "findings/finding.h"
#include "lab/scenario.h"

namespace lab {

// One run of a scenario with one program and TLS version.
struct RunResult {
  std::string scenario, program;
  std::string expected, found;  // codes of the first finding, "" for none
  std::string certainty;        // of it
  bool fix_offered = false, fix_verified = false;
  bool works = false;              // the program was expected to succeed: a finding is a false alarm
  std::uint64_t milliseconds = 0;  // from the program's end to the report
};

RunResult result_of(const Scenario& scenario, const tlswhy::findings::Report& report);

// Adds a line to `file`. The errno of what failed.
tlswhy::base::Result<void> append(const std::string& file, const RunResult& result);
// What is in it; kNotFound.
tlswhy::base::Result<std::vector<RunResult>> read_results(const std::string& file);

// For people: how many were right, proven, mended; by code.
std::string table_of(const std::vector<RunResult>& results);

}  // namespace lab
