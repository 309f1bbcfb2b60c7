#pragma once
// The subcommands. One file each, one line each in commands.cc.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tlswhy::cli {

// Exit statuses of every subcommand but `run`, whose status is the command's.
enum Exit : int { kNothingWrong = 0, kFindings = 1, kUsage = 2, kCannotInspect = 3 };

struct Command {
  std::string_view name;
  std::string_view arguments;  // for the usage line
  std::string_view summary;    // one line for --help
  int (*run)(const std::vector<std::string>& arguments);
};

// All of them, in the order of --help.
std::span<const Command> commands();

}  // namespace tlswhy::cli
