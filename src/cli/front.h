#pragma once
// `tlswhy run` is three processes. The front is what the shell sees: it makes the command's process, hands signals to it,
// stops when the command stops, and leaves with its status. The worker traces, explains, and stays as
// long as the command's daemons need their tracer. The guardian sleeps until the
// worker is gone. Killing any one of them leaves the command unharmed: the worker goes on without a front, and the
// guardian takes the worker's place.

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "observe/launcher.h"
#include "observe/lifeline.h"

namespace tlswhy::cli {

// The worker's line to the front.
class FrontLine {
 public:
  FrontLine(pid_t front, base::UniqueFd pipe, std::vector<int> default_signals, observe::Lifeline* lifeline)
      : front_(front), pipe_(std::move(pipe)), default_signals_(std::move(default_signals)), lifeline_(lifeline) {}
  void stopped() const { send('s', 0); }
  // The worker was killed, and its place taken.
  void rescued() const { send('r', 0); }
  // The front leaves now with `status`; the worker may go on.
  void finished(int status) const { send('x', status); }
  // Waits for the end of the front, for a second at most. Two processes that end at once hinder each other in the pages
  // that they share, threads that are told to end take the processor that the front would have, and somebody waits for it.
  void let_pass() const;
  // Signals that the worker ignores and the command must not.
  [[nodiscard]] const std::vector<int>& default_signals() const { return default_signals_; }
  // By which the front frees the command if the worker is killed.
  [[nodiscard]] observe::Lifeline* lifeline() const { return lifeline_; }

 private:
  void send(char kind, int value) const;
  pid_t front_;
  base::UniqueFd pipe_;
  std::vector<int> default_signals_;
  observe::Lifeline* lifeline_;
};

// For a process that outlives the front: nobody waits for the end of our output then.
void leave_terminal();

// Does `work`, which traces with `lifeline`, in a thread of its own, while a forked guardian waits to free the traced processes and let
// them go if we are killed meanwhile. Signals that would end or stop us are `work`'s to wait for, or come after it.
void run_guarded(observe::Lifeline& lifeline, const std::function<void()>& work);

// Forks the worker, which runs `work` and ends; returns, in the front only, the status to exit with. The process of `command`,
// when not empty, is made before it, so that both get ready at once, and has begun when `work` gets it, unless it may not be traced.
int run_behind_front(const std::vector<std::string>& command, const std::function<void(const FrontLine&, std::optional<observe::Launched>)>& work);

}  // namespace tlswhy::cli
