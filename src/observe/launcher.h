#pragma once
// Starts a command that waits for its tracer, then installs its filter and executes.

#include <sys/types.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tlswhy::observe {

// What the started child is told to do.
enum class Start : char { kFiltered = 'F', kPlain = 'P' };

// What became of it. The child reports each step over a close-on-exec pipe.
struct StartReport {
  bool filtered = true;  // false: the kernel refused the filter
  int exec_error = 0;    // errno of execvp(3); 0: running
};

// The file that execvp(3) takes for the command `name`; "" when there is none.
std::string find_program(const std::string& name);

class Launched {
 public:
  // Forks; the child waits. `default_signals`: those that the child must have at their default again because
  // tlswhy itself ignores them; `environment`: variables to set. The errno of fork(2) or pipe(2).
  static base::Result<Launched> fork(const std::vector<std::string>& command, std::span<const int> default_signals,
                                     const std::map<std::string, std::string>& environment = {});

  [[nodiscard]] pid_t pid() const { return pid_; }
  // What find_program() says of the command.
  [[nodiscard]] const std::string& program() const { return program_; }
  // Lets the child go on.
  void start(Start how);
  // The descriptor that becomes readable with the child's report, and closes at exec.
  [[nodiscard]] int report_fd() const { return report_.get(); }
  // Reads what is there of the report without waiting, or until its end when `wait`.
  void read_report(StartReport& report, bool wait);

 private:
  pid_t pid_ = 0;
  std::string program_;
  base::UniqueFd go_, report_;
};

}  // namespace tlswhy::observe
