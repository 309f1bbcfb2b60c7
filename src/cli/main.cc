// tlswhy: says why TLS trust fails. This file only finds the subcommand.

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "cli/command.h"

namespace {

using tlswhy::cli::commands;

int help(std::FILE* to, int status) {
  fmt::print(to, "tlswhy says why TLS trust fails in a program on this machine, proves it, and names the fix.\n\nUsage:\n");
  for (const auto& command : commands())
    fmt::print(to, "  {:<50} {}\n", fmt::format("tlswhy {} {}", command.name, command.arguments), command.summary);
  fmt::print(to, "\n`tlswhy COMMAND --help` tells the options. Man page: tlswhy(1).\n");
  return status;
}

// For scripts/options.py; a command's own answer is in arguments.cc.
int describe() {
  for (const auto& command : commands()) fmt::print("{}\t{}\n", command.name, command.summary);
  return 0;
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) return help(stderr, tlswhy::cli::kUsage);
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") return help(stdout, 0);
  if (words[0] == "--version") return fmt::print("tlswhy {}\n", TLSWHY_VERSION), 0;
  if (words[0] == "--describe-options") return describe();
  const auto command = std::ranges::find(commands(), words[0], &tlswhy::cli::Command::name);
  if (command == commands().end()) {
    fmt::print(stderr, "tlswhy: no command '{}' (`tlswhy --help` lists them)\n", words[0]);
    return tlswhy::cli::kUsage;
  }
  return command->run({words.begin() + 1, words.end()});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = dispatch({argv + 1, argv + argc});
    // A full disk, or a pipe that its reader closed, must not look like success.
    if (std::fflush(stdout) != 0 && status == 0) return tlswhy::cli::kCannotInspect;
    return status;
  } catch (const std::exception& error) {  // bad_alloc and what libraries throw; nothing of ours does
    fmt::print(stderr, "tlswhy: {}\n", error.what());
    return tlswhy::cli::kCannotInspect;
  }
}
