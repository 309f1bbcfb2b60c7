#pragma once
// Starts a command, which installs its filter, waits for its tracer and executes.

#include <signal.h>
#include <sys/types.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tlswhy::observe {

// What became of it, which the child reports over a close-on-exec pipe.
struct StartReport {
  bool filtered = true;  // false: the kernel refused the filter
  int exec_error = 0;    // errno of execvp(3); 0: running
};

// The file that execvp(3) takes for the command `name`; "" when there is none.
std::string find_program(const std::string& name);

class Launched {
 public:
  // What it needs beside its words. With the filter it must not be started before it is traced: what the filter stops at
  // fails otherwise (seccomp(2), SECCOMP_RET_TRACE).
  struct Setting {
    bool filtered = false;
    std::span<const int> default_signals = {};            // to be set to their default again, as tlswhy itself ignores them
    std::map<std::string, std::string> environment = {};  // variables to set
    const sigset_t* mask = nullptr;                       // of signals, to be set
  };

  // Makes the child, which gets ready and waits. It may be traced by this process and those that descend from it. The errno of
  // pipe(2) or fork(2).
  static base::Result<Launched> make(const std::vector<std::string>& command, const Setting& setting);

  Launched(Launched&&) = default;
  Launched& operator=(Launched&&) = default;
  Launched(const Launched&) = delete;
  Launched& operator=(const Launched&) = delete;
  // Ends the child when neither start() nor leave() was called.
  ~Launched();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Lets the child go on.
  void start();
  // To a process that was forked since, which starts it instead. If that one ends without starting it, so does the child.
  void leave();
  // Reads what is there of the report without waiting, or until its end when `wait`.
  void read_report(StartReport& report, bool wait) const;

 private:
  Launched() = default;

  pid_t pid_ = 0;
  base::UniqueFd go_, report_;  // a byte in the first: execute; its end: don't
};

}  // namespace tlswhy::observe
