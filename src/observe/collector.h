#pragma once
// Turns the tracer's events into facts: processes, look-ups, connections, handshakes.

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/unique_fd.h"
#include "facts/recording.h"
#include "observe/events.h"
#include "observe/key_source.h"
#include "observe/snapshot.h"
#include "tls/conversation.h"

namespace tlswhy::observe {

class Collector : public Events {
 public:
  // `variables`: the environment variables whose values are kept.
  explicit Collector(std::span<const std::string_view> variables) : variables_(variables) {}

  void executed(pid_t pid) override;
  void forked(pid_t parent, pid_t child) override;
  void exiting(pid_t pid, int wait_status) override;
  void exited(pid_t pid, int wait_status) override;
  bool wants_lookup(pid_t pid, const std::string& path) override;
  void lookup(pid_t pid, const char* call, const std::string& path, int error) override;
  void connected(pid_t pid, int fd, const std::vector<std::uint8_t>& address, int error) override;
  bool wants_data(pid_t pid, pid_t tid, int fd, Direction direction) override;
  void data(pid_t pid, pid_t tid, int fd, Direction direction, bytes::View bytes) override;
  bool wants_exit(pid_t pid) override;
  void verified(pid_t pid, pid_t tid, const Verification& what) override;
  void trust_call(const facts::TrustCall& call) override;
  void alert_sent(pid_t pid, pid_t tid, std::uint8_t level, std::uint8_t code) override;
  void alert_received(pid_t pid, pid_t tid, std::uint8_t code) override;
  void ended(pid_t pid, pid_t tid, int error) override;
  void shut(pid_t pid, int fd) override;
  void connect_result(pid_t pid, int fd, int error) override;
  void confined(pid_t pid, const std::string& what) override;
  void blind(pid_t pid, const std::string& what) override;

  // Reads encrypted records with the secrets that the program logs there; null: not. Before the command starts.
  void use_keys(KeySource* keys) { keys_ = keys; }

  // The command runs with a seccomp filter of ours, which is none of its own, and without new privileges where that takes it.
  void use_filter(bool takes_privileges) { filters_ = 1, takes_privileges_ = takes_privileges; }

  // Everything, once the command has ended. The collector is empty afterwards.
  facts::Recording finish();

 private:
  struct Program;
  // A connection of a traced process.
  struct Flow {
    std::shared_ptr<Program> owner;
    std::string peer;
    int connect_error = 0;
    tls::Conversation conversation;
    std::shared_ptr<const facts::Snapshot> process;
    std::optional<Verification> verification;
    pid_t verifier = 0;                      // the thread
    std::optional<Verification> own;         // of the client's own chain
    std::optional<tls::SeenAlert> sent;      // by the process, as its library was asked to
    std::optional<tls::SeenAlert> received;  // as its library has read it
    facts::Ending ended = facts::Ending::kUnknown;
    std::string ended_by;
    std::chrono::steady_clock::time_point moved;  // when the last byte went over it
  };
  // One program run: from an exec (or fork) to the next.
  struct Program {
    std::shared_ptr<Program> parent;  // of the same process before exec, or of the forking one
    facts::Process facts;
    std::shared_ptr<const facts::Snapshot> snapshot;
    bool known = false;       // facts have been read
    bool env_known = false;   // of them the environment
    bool is_command = false;  // runs in the process of the command itself
    bool concerns_trust = false;
    bool loads_tls = false;           // it looked for a TLS library, or for what steers one
    std::string confined;             // what it, or its parent before it, took rights from itself with
    std::set<std::string> libraries;  // shared objects that it looked for, by their paths
    bool finished_handshake = false;
    std::set<std::uint64_t> missed;  // look-ups of a path that somebody named, refused, with no connect(2) since
    std::string said;                // on its standard error after that, the end of it
    base::UniqueFd descriptors;      // /proc/PID/fd, while it runs, once it was asked for
  };

  static constexpr std::size_t kMaxLookups = 10'000, kMaxFlows = 10'000;

  std::string socket_name(pid_t pid, int fd);
  Program& program(pid_t pid);
  Program& known(pid_t pid);
  void read(Program& program, pid_t pid);
  void note(pid_t pid);
  const facts::Process& with_environment(pid_t pid);
  void note_library(pid_t pid, const std::string& path);
  std::shared_ptr<const facts::Snapshot> snapshot(pid_t pid);
  void forget_sockets(pid_t pid);
  template <typename Open>
  Flow* current_flow(pid_t pid, pid_t tid, Open open);
  static void end(Flow& flow, facts::Ending how, std::string_view by);
  void look_at_sockets(pid_t pid);
  static std::optional<tls::SeenAlert> alert_of(const Flow& flow);
  static std::string connection_error(const Flow& flow);
  [[nodiscard]] bool wants_words(pid_t pid) const;
  static void heard(Program& program, bytes::View words);
  void note_end_errors(facts::Recording& out) const;
  void note_complaints(facts::Recording& out) const;
  static void describe_ending(const Flow& flow, facts::Handshake& out);
  static facts::Handshake describe(const Flow& flow);
  void add_processes(facts::Facts& out);

  std::span<const std::string_view> variables_;
  KeySource* keys_ = nullptr;
  std::uint32_t filters_ = 0;
  bool takes_privileges_ = false;
  std::unordered_map<pid_t, std::shared_ptr<Program>> running_;
  std::vector<std::shared_ptr<Program>> kept_;
  std::vector<std::shared_ptr<Flow>> flows_;
  std::vector<facts::Lookup> lookups_;
  std::vector<facts::TrustCall> calls_;
  // What is still of interest, by the name of its socket ("socket:[123]"): whoever has it, by whatever descriptor.
  std::unordered_map<std::string, std::shared_ptr<Flow>> sockets_;
  std::unordered_map<pid_t, std::shared_ptr<Flow>> moving_;  // thread → whose bytes its call moves
  std::unordered_map<pid_t, std::weak_ptr<Flow>> talking_;   // thread → the handshake it read or wrote last
  std::set<pid_t> speaking_;                                 // threads that write to their standard error
  std::uint64_t lookups_dropped_ = 0, flows_dropped_ = 0, processes_ = 0;
  std::set<std::string> unseen_;
};

// True for shared objects that do TLS, or are part of what does: libraries, CPython's module, OpenSSL's providers and engines.
bool is_tls_library(std::string_view path);

// True for paths that have to do with certificates, TLS libraries or their settings.
bool concerns_trust(std::string_view path);

// "127.0.0.1:443" or "[::1]:443" of a sockaddr as the kernel takes it; "" for other families.
std::string address_text(bytes::View address);

}  // namespace tlswhy::observe
