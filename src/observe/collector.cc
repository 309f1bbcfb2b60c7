#include "observe/collector.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/socket.h"
#include "base/text.h"
#include "facts/named_by.h"
#include "host/proc_files.h"
#include "observe/handshake_facts.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kMaxCalls = 10'000;
constexpr std::size_t kMaxSnapshots = 64;
constexpr std::size_t kMaxKept = 2'000;

// The tracee's descriptor as one of ours, for a moment (pidfd_getfd(2)).
base::UniqueFd borrow(pid_t pid, int fd) {
  const base::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), fd, 0)));
}

// A stream socket of the tracee? getaddrinfo() connects datagram sockets only to sort addresses (RFC 6724).
bool is_stream(pid_t pid, int fd) {
  const base::UniqueFd copy = borrow(pid, fd);
  int type = SOCK_STREAM;
  socklen_t size = sizeof type;
  if (copy.valid()) ::getsockopt(copy.get(), SOL_SOCKET, SO_TYPE, &type, &size);
  return type == SOCK_STREAM;
}

// execve(2): set-user-ID, set-group-ID and file capabilities are not honoured while an unprivileged tracer watches.
bool loses_privileges(const std::string& program) {
  struct stat st{};
  if (::geteuid() == 0 || ::stat(program.c_str(), &st) != 0) return false;
  return (st.st_mode & (S_ISUID | S_ISGID)) != 0 || ::getxattr(program.c_str(), "security.capability", nullptr, 0) > 0;
}

// As far as can be told: a program may verify other chains while it talks, such as that of a signature.
bool same_peer(const Verification& one, const Verification& other) {
  return one.chain.empty() || other.chain.empty() || one.chain.front() == other.chain.front();
}

bool names_config(const std::map<std::string, std::string>& environment, const std::string& path) {
  const auto found = environment.find("OPENSSL_CONF");
  return found != environment.end() && found->second == path;
}

}  // namespace

std::string address_text(bytes::View address) {
  bytes::Cursor cursor(address, "sockaddr");
  const auto family = cursor.u16_le();
  const auto port = cursor.u16_be();
  if (!family || !port) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (*family == AF_INET) {
    const auto ip = cursor.take(4);
    if (ip && ::inet_ntop(AF_INET, ip->data(), text.data(), text.size()) != nullptr) return base::endpoint_text(text.data(), *port);
  } else if (*family == AF_INET6) {
    (void)cursor.take(4);  // flow label
    const auto ip = cursor.take(16);
    if (ip && ::inet_ntop(AF_INET6, ip->data(), text.data(), text.size()) != nullptr) return base::endpoint_text(text.data(), *port);
  }
  return "";
}

// The name by which the kernel tells sockets apart, "socket:[123]"; "" for a descriptor that is closed. Asked at each read and
// write of a process with a connection, so the way to its folder is gone once. Without /proc the number comes from the
// descriptor itself, which costs more.
std::string Collector::socket_name(pid_t pid, int fd) {
  Program& one = program(pid);
  if (!one.descriptors.valid()) one.descriptors.reset(::open(fmt::format("/proc/{}/fd", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::array<char, 64> target{};  // what is longer is the path of a file
  const ssize_t size = ::readlinkat(one.descriptors.get(), std::to_string(fd).c_str(), target.data(), target.size());
  if (size > 0) return {target.data(), static_cast<std::size_t>(size)};
  const base::UniqueFd copy = borrow(pid, fd);
  struct stat st{};
  return copy.valid() && ::fstat(copy.get(), &st) == 0 && S_ISSOCK(st.st_mode) ? fmt::format("socket:[{}]", st.st_ino) : "";
}

Collector::Program& Collector::known(pid_t pid) {
  Program& one = program(pid);
  if (!one.known) read(one, pid);
  return one;
}

Collector::Program& Collector::program(pid_t pid) {
  std::shared_ptr<Program>& entry = running_[pid];
  if (!entry) entry = std::make_shared<Program>();
  entry->facts.pid = pid;
  return *entry;
}

void Collector::read(Program& program, pid_t pid) {
  const std::int32_t parent = program.facts.parent;
  program.facts = read_process(pid, variables_);
  program.facts.parent = parent;
  program.known = true;
}

void Collector::executed(pid_t pid) {
  const auto before = running_.find(pid);
  auto next = std::make_shared<Program>();
  if (before != running_.end()) {
    before->second->descriptors.reset();
    next->parent = before->second->known ? before->second : before->second->parent;
    next->facts.parent = before->second->facts.parent;
    next->confined = before->second->confined;
  } else {
    next->facts.parent = ::getpid();
    ++processes_;
  }
  next->facts.pid = pid;
  const bool command = before == running_.end() || before->second->is_command;
  next->is_command = command;
  if (command) read(*next, pid);  // each program that the command becomes: what its environment was before counts
  const std::string exe = ::geteuid() == 0 ? "" : host::proc_link(pid, "exe");
  if (!exe.empty() && loses_privileges(exe))
    unseen_.insert(
        fmt::format("{} has set-id bits or file capabilities: the kernel withholds them under an unprivileged tracer, so it did not run "
                    "as it does alone (run tlswhy as root)",
                    base::printable(exe)));
  running_[pid] = std::move(next);
}

void Collector::forked(pid_t parent, pid_t child) {
  ++processes_;
  Program& from = program(parent);
  Program& to = program(child);
  to.parent = running_[parent];
  to.facts = from.facts;  // the same program and environment until it runs another
  to.known = from.known;
  to.confined = from.confined;
  to.env_known = from.env_known;
  to.facts.pid = child;
  to.facts.parent = parent;
}

// The facts of most programs that a shell script starts are never needed, and reading them costs more than all of their
// stops. Those of one that is noted are, and of its ancestors, as far as they still run what they ran then.
void Collector::note(pid_t pid) {
  Program& one = known(pid);
  if (one.concerns_trust) return;
  for (auto at = one.parent; at; at = at->parent)
    if (const auto running = running_.find(at->facts.pid); !at->known && running != running_.end() && running->second == at) read(*at, at->facts.pid);
  one.concerns_trust = true;
  if (kept_.size() < kMaxKept) kept_.push_back(running_[pid]);
}

std::shared_ptr<const facts::Snapshot> Collector::snapshot(pid_t pid) {
  Program& one = program(pid);
  if (one.snapshot) return one.snapshot;
  const auto taken = static_cast<std::size_t>(std::ranges::count_if(kept_, [](const auto& each) { return each->snapshot != nullptr; }));
  if (taken >= kMaxSnapshots) {
    unseen_.insert(fmt::format("more than {} processes used TLS: the libraries of the others were not looked at", kMaxSnapshots));
    return nullptr;
  }
  auto shot = take_snapshot(pid, one.facts);
  if (!shot) {
    unseen_.insert("the state of a process: " + shot.error().text());
    return nullptr;
  }
  facts::Process& facts = (*shot)->process;
  if (facts.confinement.empty()) facts.confinement = one.confined;
  facts.filters -= std::min(facts.filters, filters_);
  facts.no_new_privileges = facts.no_new_privileges && !takes_privileges_;
  (*shot)->libraries.assign(one.libraries.begin(), one.libraries.end());
  one.facts = facts;
  for (const std::string& what : (*shot)->unseen) unseen_.insert(what);
  return one.snapshot = *shot;
}

void Collector::exiting(pid_t pid, int wait_status) {
  // A program that looked for trust but never came to a handshake: its libraries tell what it would have done. So do those of one that failed,
  // and may have failed to load them.
  if (program(pid).loads_tls && wait_status != 0) note(pid);
  if (program(pid).concerns_trust) snapshot(pid);
  look_at_sockets(pid);
}

void Collector::exited(pid_t pid, int wait_status) {
  const auto entry = running_.find(pid);
  if (entry == running_.end()) return;
  entry->second->facts.exit_code = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  entry->second->descriptors.reset();
  forget_sockets(pid);
  running_.erase(entry);
}

bool Collector::wants_lookup(pid_t pid, const std::string& path) {
  note_library(pid, path);
  if (concerns_trust(path)) return true;
  // A variable may name a store by any path, but none of these.
  for (const std::string_view system : {"/usr/lib/", "/usr/bin/", "/lib", "/proc/", "/sys/", "/dev/", "/etc/ld.so", "/usr/share/"})
    if (path.starts_with(system)) return false;
  return facts::named_by(with_environment(pid), path).somebody();
}

const facts::Process& Collector::with_environment(pid_t pid) {
  Program& one = program(pid);
  if (!one.known && !std::exchange(one.env_known, true)) {
    one.facts.trust_env = read_variables(pid, variables_);
    one.facts.command = read_command(pid);
  }
  return one.facts;
}

// Who may ask for a library that is not there.
void Collector::note_library(pid_t pid, const std::string& path) {
  constexpr std::size_t kMaxLibraries = 512;
  if (!path.starts_with('/') || base::base_name(path).find(".so") == std::string_view::npos) return;
  if (std::set<std::string>& all = program(pid).libraries; all.size() < kMaxLibraries) all.insert(path);
}

void Collector::lookup(pid_t pid, const char* call, const std::string& path, int error) {
  // These are looked for by whatever has OpenSSL inside, TLS or not; a configuration that somebody named is worth a stop.
  const bool config = base::base_name(path) == "openssl.cnf" || base::base_name(path) == "java.security";
  if (is_tls_library(path) || (config && names_config(with_environment(pid).trust_env, path)))
    program(pid).loads_tls = true;
  else if (!config)
    note(pid);
  if (lookups_.size() >= kMaxLookups) return static_cast<void>(++lookups_dropped_);
  if (error != 0 && facts::named_by(with_environment(pid), path).somebody()) program(pid).missed.insert(lookups_.size());
  lookups_.push_back({lookups_.size() + 1, pid, call, base::printable(path), error != 0 ? base::errno_name(error) : ""});
}

void Collector::connected(pid_t pid, int fd, const std::vector<std::uint8_t>& address, int error) {
  if (const auto entry = running_.find(pid); entry != running_.end()) entry->second->missed.clear();
  const std::string peer = address_text(address);
  if (peer.empty() || !is_stream(pid, fd)) return;
  if (flows_.size() >= kMaxFlows) return static_cast<void>(++flows_dropped_);
  note(pid);
  auto flow = std::make_shared<Flow>();
  flow->owner = running_[pid];
  flow->peer = peer;
  if (keys_ != nullptr) flow->conversation.use_keys(&keys_->keys());
  flow->connect_error = error == EINPROGRESS || error == EALREADY || error == EISCONN || error == EINTR ? 0 : error;
  // A second connect() on the same socket asks how the first one went; it is not another connection.
  const std::string socket = socket_name(pid, fd);
  // Closed by another thread already, or refused: nothing will go over it.
  if (socket.empty() || (flow->connect_error != 0 && !sockets_.contains(socket))) return flows_.push_back(std::move(flow));
  std::shared_ptr<Flow>& slot = sockets_[socket];
  if (slot && slot->peer == peer && !slot->conversation.carried_data()) {
    slot->connect_error = flow->connect_error;
    return;
  }
  slot = flow;
  flows_.push_back(std::move(flow));
}

bool Collector::wants_exit(pid_t pid) {
  const auto entry = running_.find(pid);
  return entry != running_.end() && (entry->second->concerns_trust || entry->second->loads_tls);
}

// Connections of a process that has ended and that nobody can have inherited.
void Collector::forget_sockets(pid_t pid) {
  const auto& ended = running_[pid];
  if (std::ranges::any_of(running_, [&](const auto& one) { return one.second->parent == ended; })) return;
  std::erase_if(sockets_, [&](const auto& one) { return one.second->owner->facts.pid == pid; });
}

// Asked as the call begins: as it ends, another thread may have closed the descriptor already.
bool Collector::wants_data(pid_t pid, pid_t tid, int fd, Direction direction) {
  if (!speaking_.empty()) speaking_.erase(tid);
  if (fd == STDERR_FILENO && direction == Direction::kSent && wants_words(pid)) return speaking_.insert(tid), true;
  if (sockets_.empty()) return false;
  const auto entry = sockets_.find(socket_name(pid, fd));
  if (entry == sockets_.end()) return false;
  if (entry->second->conversation.settled()) return sockets_.erase(entry), false;
  if (direction == Direction::kReceived && entry->second->conversation.deaf_to(tls::Side::kServer)) {
    talking_[tid] = entry->second;  // the thread that reads is the one that will verify
    return false;
  }
  moving_[tid] = entry->second;
  return true;
}

bool Collector::wants_words(pid_t pid) const {
  const auto entry = running_.find(pid);
  return entry != running_.end() && (entry->second->finished_handshake || !entry->second->missed.empty());
}

void Collector::data(pid_t pid, pid_t tid, int, Direction direction, bytes::View bytes) {
  if (speaking_.erase(tid) > 0) return heard(program(pid), bytes);
  const auto entry = moving_.find(tid);
  if (entry == moving_.end()) return;
  Flow& flow = *entry->second;
  if (keys_ != nullptr && flow.conversation.is_tls()) keys_->refresh();
  flow.moved = std::chrono::steady_clock::now();
  flow.conversation.feed(direction == Direction::kSent ? tls::Side::kClient : tls::Side::kServer, bytes);
  if (flow.conversation.is_tls()) talking_[tid] = entry->second;
  if (flow.conversation.is_tls() && !flow.process) {
    flow.owner = running_[pid];
    note(pid);
    flow.process = snapshot(pid);
  }
  if (flow.conversation.completed()) running_[pid]->finished_handshake = true;
}

// The handshake that a thread is busy with, of those that are `open` to what is to be said of one: that whose bytes it
// moved last, or else the last of its process (goroutines wander, and a pool may read in one thread and verify in another).
template <typename Open>
Collector::Flow* Collector::current_flow(pid_t pid, pid_t tid, Open open) {
  if (const auto talking = talking_.find(tid); talking != talking_.end())
    if (const auto flow = talking->second.lock(); flow && flow->owner->facts.pid == pid && open(*flow)) return flow.get();
  for (auto at = flows_.rbegin(); at != flows_.rend(); ++at)
    if ((*at)->owner->facts.pid == pid && (*at)->conversation.is_tls() && !(*at)->conversation.client_sent_data() && open(**at)) return at->get();
  return nullptr;
}

void Collector::verified(pid_t pid, pid_t tid, const Verification& what) {
  note(pid);
  // A verdict may be followed by another one of the same handshake, as by that on the name; a refusal is the last.
  Flow* flow = current_flow(pid, tid, [](const Flow& one) { return !one.verification; });
  if (flow == nullptr) {
    // Another certificate, with none to build its chain from: a client's own, as it is about to send it (ssl_add_cert_chain(), ssl/statem).
    const auto another = [&](const Flow& one) { return what.subject != 0 && one.verification->subject != what.subject; };
    if (Flow* mine = current_flow(pid, tid, another); mine != nullptr && !what.with_chain) return static_cast<void>(mine->own = what);
    flow = current_flow(pid, tid, [&](const Flow& one) { return one.verification->accepted && same_peer(*one.verification, what); });
  }
  if (flow == nullptr) return;  // a chain that no connection brought: a signature, a test of its own
  flow->verification = what;
  flow->verifier = tid;
}

void Collector::trust_call(const facts::TrustCall& call) {
  note(call.pid);
  if (calls_.size() >= kMaxCalls) return;
  calls_.push_back(call);
  calls_.back().order = calls_.size();
}

void Collector::alert_sent(pid_t pid, pid_t tid, std::uint8_t level, std::uint8_t code) {
  if (level == 1 && code == 0)
    if (Flow* flow = current_flow(pid, tid, [](const Flow&) { return true; })) end(*flow, facts::Ending::kCloseNotify, "client");
  if (level != 2) return;
  if (Flow* flow = current_flow(pid, tid, [](const Flow& one) { return !one.sent; }))
    flow->sent = tls::SeenAlert{tls::Side::kClient, false, level, code};
}

void Collector::confined(pid_t pid, const std::string& what) { program(pid).confined = what; }

void Collector::blind(pid_t pid, const std::string& what) { unseen_.insert(fmt::format("{}: {}", base::printable(known(pid).facts.exe), what)); }

}  // namespace tlswhy::observe
