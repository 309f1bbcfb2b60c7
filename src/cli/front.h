#pragma once
// Two processes stand behind `tlswhy run`. The front is what the shell sees: it hands signals to the command,
// stops when the command stops, and leaves with its status. The worker traces, explains, and stays behind as
// long as the command's daemons need their tracer. Killing the front leaves the command unharmed.

#include <sys/types.h>

#include <functional>
#include <vector>

#include "base/unique_fd.h"

namespace tlswhy::cli {

// The worker's line to the front.
class FrontLine {
 public:
  explicit FrontLine(base::UniqueFd pipe, std::vector<int> default_signals) : pipe_(std::move(pipe)), default_signals_(std::move(default_signals)) {}
  void started(pid_t command) const { send('p', command); }
  void stopped() const { send('s', 0); }
  // The front leaves now with `status`; the worker may go on.
  void finished(int status) const { send('x', status); }
  // Signals that the worker ignores and the command must not.
  [[nodiscard]] const std::vector<int>& default_signals() const { return default_signals_; }

 private:
  void send(char kind, int value) const;
  base::UniqueFd pipe_;
  std::vector<int> default_signals_;
};

// Forks the worker, which runs `work` and ends; returns, in the front only, the status to exit with.
int run_behind_front(const std::function<void(const FrontLine&)>& work);

}  // namespace tlswhy::cli
