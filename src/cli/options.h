#pragma once
// Options that commands share, and those of `run`.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace tlswhy::cli {

enum class Color { kAuto, kAlways, kNever };

// Forms are named by their ids (report/table.h).
struct Options {
  std::string screen = "terminal";           // the form that is shown
  std::map<std::string, std::string> files;  // the forms that are written, each with its file: "-" for standard output, "" for none
  Color color = Color::kAuto;
  std::string root = "/";
  bool missing = false;  // stores that are not there are shown too

  // True if a form is written that holds more than what is shown.
  [[nodiscard]] bool writes_files() const {
    return std::ranges::any_of(files, [](const auto& entry) { return !entry.second.empty(); });
  }
};

// What `run` takes beside them.
struct RunOptions {
  Options common;
  bool keylog = false;   // ask the command for its secrets
  bool try_fix = false;  // may run the command again
  bool probe = true;     // may connect to the peer again
  std::string store;     // a bundle to try out
  std::vector<std::string> command;
};

}  // namespace tlswhy::cli
