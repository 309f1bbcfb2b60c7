#pragma once
// What the tracer tells. One listener: the collector (tests have their own).

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "facts/facts.h"

namespace tlswhy::observe {

enum class Direction { kSent, kReceived };

// A TLS library inside the process judged a chain.
struct Verification {
  std::string library, stack;  // file, and what kind of stack it is
  bool accepted = false;
  std::optional<int> code;  // the stack's own number: X509_V_ERR_* for OpenSSL, flags for GnuTLS and mbedTLS
  int depth = 0;
  facts::Reason reason = facts::Reason::kUnknown;  // what the code means
  std::string text;                                // what the stack calls it, where it says so itself
  std::vector<std::vector<std::uint8_t>> chain;    // DER, leaf first, as it was parsed just before
  std::optional<std::uint64_t> anchors;            // in the store at that moment
  std::string expected_name;                       // that the chain was to be for
  std::string mode;                                // "verify", "none": whether the library was to enforce this, "" unknown
  std::uint64_t subject = 0;                       // where the certificate in question is, 0 unknown
  std::uint64_t store = 0;                         // where the store is that it was verified with, 0 unknown
  bool with_chain = true;                          // a peer's chain always comes along
};

class Events {
 public:
  virtual ~Events() = default;
  // `pid` (a thread group) runs a new program, or is the command itself.
  virtual void executed(pid_t pid) = 0;
  virtual void forked(pid_t parent, pid_t child) = 0;
  // A thread of the group is about to end, as waitpid(2) will report it; the group's memory and /proc files are still there.
  virtual void exiting(pid_t pid, int wait_status) = 0;
  // A thread group has ended, as waitpid(2) reports.
  virtual void exited(pid_t pid, int wait_status) = 0;
  // Whether the result of a look-up of this path matters. Called before the call runs.
  virtual bool wants_lookup(pid_t pid, const std::string& path) = 0;
  // A path-taking call ended; `error` is 0 or the errno. `path` is absolute where that could be known.
  virtual void lookup(pid_t pid, const char* call, const std::string& path, int error) = 0;
  // connect(2) ended. `address` is the sockaddr as the program gave it; EINPROGRESS counts as under way.
  virtual void connected(pid_t pid, int fd, const std::vector<std::uint8_t>& address, int error) = 0;
  // Whether bytes on this descriptor matter.
  virtual bool wants_data(pid_t pid, pid_t tid, int fd, Direction direction) = 0;
  virtual void data(pid_t pid, pid_t tid, int fd, Direction direction, bytes::View bytes) = 0;
  // Whether the end of this process is worth a stop of its own, before which its memory is still there.
  virtual bool wants_exit(pid_t pid) = 0;
  // A library has verified a chain, or has refused it.
  virtual void verified(pid_t pid, pid_t tid, const Verification& what) = 0;
  // A call that concerns stores or verification was made.
  virtual void trust_call(const facts::TrustCall& call) = 0;
  // The process sends an alert, whatever protects it on the wire.
  virtual void alert_sent(pid_t pid, pid_t tid, std::uint8_t level, std::uint8_t code) = 0;
  // The process has read an alert that ends the connection.
  virtual void alert_received(pid_t pid, pid_t tid, std::uint8_t code) = 0;
  // A read or write that was wanted came to the stream's end (0), or to an error that ends it.
  virtual void ended(pid_t pid, pid_t tid, int error) = 0;
  // The process shuts its side of the connection.
  virtual void shut(pid_t pid, int fd) = 0;
  // What became of a connection that was under way (SO_ERROR).
  virtual void connect_result(pid_t pid, int fd, int error) = 0;
  // The process takes rights to files from itself and its children, by `what`.
  virtual void confined(pid_t pid, const std::string& what) = 0;
  // Something that the tracer can't see in this process, in a sentence.
  virtual void blind(pid_t pid, const std::string& what) = 0;
};

}  // namespace tlswhy::observe
