#pragma once
// What the tracer's unit tests share.

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "observe/events.h"

namespace tlswhy::observe {

// A traced child of this process, which is killed at the end.
class TracedChild {
 public:
  // It calls `body` and stops at the first signal that this raises.
  template <class Body>
  explicit TracedChild(Body body) : pid_(::fork()) {
    if (pid_ == 0) {
      ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      body();
      ::_exit(0);
    }
    ::waitpid(pid_, nullptr, 0);
  }
  // It only stands there.
  TracedChild() : TracedChild([] { ::raise(SIGSTOP); }) {}
  TracedChild(const TracedChild&) = delete;
  TracedChild& operator=(const TracedChild&) = delete;
  ~TracedChild() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// Wants nothing, and does nothing with what it is told.
class NoEvents : public Events {
 public:
  void executed(pid_t) override {}
  void forked(pid_t, pid_t) override {}
  void exiting(pid_t, int) override {}
  void confined(pid_t, const std::string&) override {}
  void exited(pid_t, int) override {}
  bool wants_lookup(pid_t, const std::string&) override { return false; }
  void lookup(pid_t, const char*, const std::string&, int) override {}
  void connected(pid_t, int, const std::vector<std::uint8_t>&, int) override {}
  bool wants_data(pid_t, pid_t, int, Direction) override { return false; }
  void data(pid_t, pid_t, int, Direction, bytes::View) override {}
  bool wants_exit(pid_t) override { return false; }
  void verified(pid_t, pid_t, const Verification&) override {}
  void trust_call(const facts::TrustCall&) override {}
  void alert_sent(pid_t, pid_t, std::uint8_t, std::uint8_t) override {}
  void alert_received(pid_t, pid_t, std::uint8_t) override {}
  void ended(pid_t, pid_t, int) override {}
  void shut(pid_t, int) override {}
  void connect_result(pid_t, int, int) override {}
  void blind(pid_t, const std::string&) override {}
};

}  // namespace tlswhy::observe
