#pragma once
// Runs a tool of this machine.

#include <string>
#include <vector>

#include "base/result.h"

namespace tlswhy::fix {

struct ToolRun {
  int status = 0;      // as a shell has it
  std::string output;  // both streams, the first 64 KiB
};

// Without input, with our PATH and the C locale and nothing else. kNotFound where there is no such program.
base::Result<ToolRun> run_tool(const std::vector<std::string>& argv);

// The program's place by PATH and the folders of administrators; "" for none.
std::string find_tool(const std::string& name);

}  // namespace tlswhy::fix
