#pragma once
// `tlswhy fix`: each remedy is a command below it, in one file (fix_NAME.cc) with one row in fix.cc.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"

namespace tlswhy::cli {

struct FixRemedy {
  // Called with the words after "--" when the remedy is asked for; gives the exit status.
  using Run = std::function<int(const std::vector<std::string>& command)>;
  std::string_view name;
  std::string_view does;
  // Adds its options, which live as long as what is given back.
  Run (*set_up)(Arguments& part);
  bool takes_command = false;
};

extern const FixRemedy kFixEnv, kFixLink, kFixRehash, kFixBundle, kFixMode, kFixAnchor;

}  // namespace tlswhy::cli
