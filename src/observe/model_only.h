#pragma once
// What can be known of a command that may not be traced: its libraries and environment, read from /proc while it
// runs.

#include <sys/types.h>

#include <map>
#include <memory>
#include <span>
#include <string_view>

#include "observe/collector.h"
#include "observe/snapshot.h"

namespace tlswhy::observe {

class ModelOnly {
 public:
  explicit ModelOnly(std::span<const std::string_view> variables) : variables_(variables) {}

  // Takes a fresh snapshot of `pid` and its children; called again and again while the command runs.
  void look(pid_t pid);
  // Adds the last good snapshot of each process to `recording`.
  void move_into(facts::Recording& recording);

 private:
  std::span<const std::string_view> variables_;
  std::map<pid_t, std::shared_ptr<facts::Snapshot>> last_;
};

}  // namespace tlswhy::observe
