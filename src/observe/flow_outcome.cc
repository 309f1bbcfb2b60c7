// How a watched connection ended, and what that makes of its handshake: a chain is refused where the client went no further.

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "facts/outcome.h"
#include "observe/collector.h"
#include "observe/handshake_facts.h"

namespace tlswhy::observe {
namespace {

using facts::Ending;

bool refused(const Verification& verdict) { return !verdict.accepted || verdict.code.value_or(0) != 0; }

facts::Verify as_fact(const Verification& verdict) {
  return {verdict.code.value_or(verdict.accepted ? 0 : -1), base::printable(verdict.text), verdict.depth, "process", verdict.reason};
}

void describe_verification(pid_t thread, const Verification& from, facts::Handshake& to) {
  to.thread = thread;
  to.library = base::printable(from.library);
  to.anchors_loaded = from.anchors;
  to.store = from.store;
  to.expected_name = from.expected_name;
  to.verify_mode = from.mode;
  if (to.stack.empty()) to.stack = from.stack;
  if (from.code || !from.text.empty() || from.accepted) to.verify = as_fact(from);
}

// The names of all that a process has open.
std::set<std::string> open_files(pid_t pid) {
  std::set<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/" + std::to_string(pid) + "/fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    out.insert(std::filesystem::read_symlink(at->path(), gone).string());
  }
  return out;
}

}  // namespace

// An alert belongs to what the thread reads. Of another thread, or long after that, only where there is no doubt.
void Collector::alert_received(pid_t pid, pid_t tid, std::uint8_t code) {
  Flow* flow = nullptr;
  if (const auto talking = talking_.find(tid); talking != talking_.end())
    if (const auto busy = talking->second.lock(); busy && busy->owner->facts.pid == pid && !busy->conversation.settled()) flow = busy.get();
  std::vector<Flow*> all, open;
  for (const auto& one : flows_) {
    if (one->owner->facts.pid != pid || !one->conversation.is_tls()) continue;
    if (one->sent && one->sent->code == code) return;  // its own, of which it speaks
    all.push_back(one.get());
    if (!one->conversation.settled()) open.push_back(one.get());
  }
  if (flow == nullptr && !open.empty()) flow = open.back();
  if (flow == nullptr && all.size() == 1) flow = all.front();
  if (flow != nullptr && !flow->received) flow->received = tls::SeenAlert{tls::Side::kServer, false, 2, code};
}

void Collector::ended(pid_t, pid_t tid, int error) {
  const auto entry = moving_.find(tid);
  if (entry == moving_.end()) return;
  Flow& flow = *entry->second;
  if (error == ECONNREFUSED && !flow.conversation.carried_data()) flow.connect_error = error;
  if (error == 0) return end(flow, Ending::kFin, "server");
  end(flow, error == ETIMEDOUT ? Ending::kTimeout : Ending::kReset, error == ETIMEDOUT ? "" : "server");
}

void Collector::end(Flow& flow, Ending how, std::string_view by) {
  if (flow.ended != Ending::kUnknown && flow.ended != Ending::kOpen) return;
  flow.ended = how;
  flow.ended_by = by;
  // A client that has waited in vain gives up by itself.
  constexpr std::chrono::seconds kPatience(1);
  const bool waited = std::chrono::steady_clock::now() - flow.moved >= kPatience;
  if (by != "server" && waited && flow.conversation.is_tls() && !flow.conversation.server_spoke()) flow.ended = Ending::kTimeout;
}

void Collector::shut(pid_t pid, int fd) {
  if (sockets_.empty()) return;
  if (const auto entry = sockets_.find(socket_name(pid, fd)); entry != sockets_.end()) end(*entry->second, Ending::kFin, "client");
}

void Collector::connect_result(pid_t pid, int fd, int error) {
  if (sockets_.empty() || error == 0) return;
  if (const auto entry = sockets_.find(socket_name(pid, fd)); entry != sockets_.end()) entry->second->connect_error = error;
}

// What the process has closed meanwhile, which is no stop of its own: every program closes files all the time.
void Collector::look_at_sockets(pid_t pid) {
  const auto concerned = [&](const auto& one) {
    return one.second->owner->facts.pid == pid && (one.second->ended == Ending::kUnknown || one.second->ended == Ending::kOpen);
  };
  if (std::ranges::none_of(sockets_, concerned)) return;
  const std::set<std::string> open = open_files(pid);
  for (const auto& one : sockets_) {
    if (!concerned(one)) continue;
    const bool there = open.contains(one.first);
    end(*one.second, there ? Ending::kOpen : Ending::kFin, there ? "" : "client");
  }
}

// What a library was told to send or has read is known even where the wire shows only that something went over it.
std::optional<tls::SeenAlert> Collector::alert_of(const Flow& flow) {
  const auto seen = flow.conversation.alert();
  if (seen && !seen->encrypted) return seen;
  if (flow.sent) return flow.sent;
  if (flow.received) return flow.received;
  const bool failed = flow.owner->facts.exit_code.value_or(1) != 0;
  if (!seen && failed && flow.conversation.server_alerted_after()) return tls::SeenAlert{tls::Side::kServer, true, 0, 0};
  return seen;
}

// What a program prints of an end without close_notify is the one witness that it minded: most take it for the end of the data.
void Collector::heard(Program& program, bytes::View words) {
  constexpr std::size_t kKept = 4096;
  program.said.append(reinterpret_cast<const char*>(words.data()), words.size());
  if (program.said.size() > kKept) program.said.erase(0, program.said.size() - kKept);
}

// OpenSSL 3 and what prints its errors; CPython; GnuTLS; JSSE; curl and rustls.
void Collector::note_end_errors(facts::Recording& out) const {
  constexpr std::array<std::string_view, 8> kWords{
      "unexpected eof while reading", "UNEXPECTED_EOF_WHILE_READING",    "EOF occurred in violation of protocol",
      "non-properly terminated",      "peer shut down incorrectly",      "receiving peer's close_notify",
      "missing close_notify",         "without sending TLS close_notify"};
  for (const auto& program : kept_) {
    const auto words = std::ranges::find_if(kWords, [&](std::string_view text) { return program->said.find(text) != std::string::npos; });
    if (words == kWords.end()) continue;
    const auto shake = std::ranges::find_if(out.handshakes.rbegin(), out.handshakes.rend(), [&](const facts::RecordedHandshake& one) {
      return one.facts.pid == program->facts.pid && one.facts.result == "ok" && one.facts.client_sent_data && !one.facts.alert;
    });
    if (shake != out.handshakes.rend()) shake->end_error = *words;
  }
}

// A program that was refused a store that it was told of, and connected to nothing since: it gave up there, and what it prints of it tells.
void Collector::note_complaints(facts::Recording& out) const {
  constexpr std::size_t kLongest = 300;
  for (const auto& program : kept_) {
    const auto lines = base::split(program->said, '\n');
    for (const std::uint64_t index : program->missed) {
      facts::Lookup& lookup = out.facts.lookups[index];
      lookup.gave_up = true;
      const auto line = std::ranges::find_if(lines.rbegin(), lines.rend(), [&](const std::string& one) { return one.contains(lookup.path); });
      if (line != lines.rend()) lookup.said = base::printable(*line, kLongest);
    }
  }
}

std::string Collector::connection_error(const Flow& flow) {
  if (flow.connect_error != 0) return base::errno_name(flow.connect_error);
  return flow.conversation.carried_data() ? "" : facts::kNoData;
}

void Collector::describe_ending(const Flow& flow, facts::Handshake& out) {
  const bool running = !flow.owner->facts.exit_code;
  out.unused = out.unused && !(running && (flow.ended == Ending::kOpen || flow.ended == Ending::kUnknown));
  // By an alert, unless that only answers the end of a peer that had said nothing.
  const bool cut = flow.ended_by == "server" && !flow.conversation.server_spoke();
  if (out.ended != Ending::kUnknown && !cut) return;
  out.ended = flow.ended;
  out.ended_by = flow.ended_by;
}

facts::Handshake Collector::describe(const Flow& flow) {
  const tls::Conversation& seen = flow.conversation;
  facts::Handshake out = describe_conversation(seen, alert_of(flow));
  out.pid = flow.owner->facts.pid;
  out.peer = flow.peer;
  if (flow.own) out.own_chain = as_fact(*flow.own);
  if (flow.verification) describe_verification(flow.verifier, *flow.verification, out);
  describe_ending(flow, out);
  if (!flow.verification || !refused(*flow.verification) || out.client_sent_data) return out;
  // Some clients finish the handshake, look at the verdict then, and leave without a word (node, wget, curl with GnuTLS); one that is
  // content with it may do so as well.
  const bool content = flow.owner->facts.exit_code == 0 && out.verify_mode != "verify";
  // One that did not even finish the handshake, and failed, refused as well.
  const bool enforced = seen.completed() ? !content : out.verify_mode != "none" || flow.owner->facts.exit_code.value_or(1) != 0;
  if (enforced) out.result = "failed";
  return out;
}

}  // namespace tlswhy::observe
