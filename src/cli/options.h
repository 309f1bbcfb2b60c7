#pragma once
// Options shared by the subcommands, and the stream they write to.

#include <optional>
#include <string>
#include <vector>

namespace tlswhy::cli {

enum class Color { kAuto, kAlways, kNever };

struct Options {
  std::string json;    // file, "-" for stdout, "" for none
  bool plain = false;  // no drawing characters
  Color color = Color::kAuto;
  std::string root = "/";
};

// What `run` takes beside them.
struct RunOptions {
  Options common;
  bool keylog = false;  // ask the command for its secrets
  bool probe = true;    // may connect to the peer again
  std::string store;    // a bundle to try out
  std::vector<std::string> command;
};

}  // namespace tlswhy::cli
