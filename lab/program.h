#pragma once
// Real programs that scenarios run by name, each a row: a scenario with `programs` is run once with each of them.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

struct Program {
  std::string name;
  std::vector<std::string> argv;  // argv[0] is a program without which the run is skipped
  int refusal = 1;                // its exit status when TLS fails
  std::string needs = {};         // a file without which the run is skipped, "" for none
  std::map<std::string, std::string> env = {};
  // What makes it trust the system's anchors, where it does not read the system's store.
  std::map<std::string, std::string> anchor_env = {};
  std::vector<std::string> anchor_command = {};
};

// The row of that name, null if there is none.
const Program* find_program(std::string_view name);

}  // namespace lab
