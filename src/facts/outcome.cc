#include "facts/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"

namespace tlswhy::facts {
namespace {

// A process that ended with an error, in a command that did.
bool failed(const Facts& facts, std::int32_t pid) {
  const Process* process = facts.process(pid);
  return process != nullptr && process->exit_code.value_or(0) != 0 && facts.target.exit_code.value_or(0) != 0;
}

std::string port_of(const std::string& peer) { return peer.substr(peer.rfind(':') + 1); }

std::string name_of(const Facts& facts, std::int32_t pid) {
  const Process* process = facts.process(pid);
  return process == nullptr || process->exe.empty() ? "the process" : std::string(base::base_name(process->exe));
}

std::string peer_of(const Handshake& handshake) {
  return handshake.servername.empty() ? handshake.peer : fmt::format("{} ({})", handshake.servername, handshake.peer);
}

// What is not known of a handshake that was left unused, "" where nothing is open.
std::string about(const Facts& facts, const Handshake& handshake) {
  if (left_unanswered(facts, handshake))
    return fmt::format("whether {} accepted {}: its library refused the chain ({}), and {} left without waiting for an answer",
                       name_of(facts, handshake.pid), peer_of(handshake), handshake.verify->text, name_of(facts, handshake.pid));
  if (handshake.result != "ok" || !handshake.unused) return "";
  const std::string name = name_of(facts, handshake.pid), peer = peer_of(handshake);
  if (left_unused(facts, handshake))
    return handshake.ended_by == "server" ? fmt::format("why {} ended the connection right after the handshake: {} had sent nothing yet", peer, name)
                                          : fmt::format(
                                                "whether {} accepted {}: the handshake was completed, but {} left without sending anything: it may "
                                                "have refused the peer by itself",
                                                name, peer, name);
  if (!handshake.verify || handshake.verify->code == 0 || handshake.verify->seen_by != "process") return "";
  return fmt::format(
      "whether {} accepted {}: its library refused the chain{}, which it was not told to enforce, and {} left without sending anything", name, peer,
      handshake.verify->text.empty() ? "" : " (" + handshake.verify->text + ")", name);
}

}  // namespace

bool was_cut(const Handshake& handshake) {
  if (handshake.offered.empty() || !handshake.version.empty() || handshake.clear_answer) return false;
  if (handshake.alert && handshake.alert->sender == "server") return false;  // a client may say that it failed
  const bool by_peer = handshake.ended_by == "server" && (handshake.ended == Ending::kFin || handshake.ended == Ending::kReset);
  return by_peer || handshake.ended == Ending::kTimeout;
}

bool ended_unclean(const Handshake& handshake) {
  if (handshake.result != "failed" || !handshake.client_sent_data || handshake.alert || handshake.certificate_requested) return false;
  if (handshake.verify && handshake.verify->reason != Reason::kAccepted && handshake.verify_mode != "none") return false;
  return handshake.ended_by == "server" && (handshake.ended == Ending::kFin || handshake.ended == Ending::kReset);
}

bool left_unused(const Facts& facts, const Handshake& handshake) {
  if (handshake.result != "ok" || !handshake.unused || !failed(facts, handshake.pid)) return false;
  return std::ranges::none_of(facts.handshakes, [&](const Handshake& other) {
    return other.pid == handshake.pid && other.servername == handshake.servername && other.result == "ok" && !other.unused;
  });
}

bool left_unanswered(const Facts& facts, const Handshake& handshake) {
  const bool alone = handshake.client_sent_data && !handshake.server_sent_data && handshake.ended_by == "client";
  if (handshake.result != "ok" || handshake.version == "TLSv1.3" || !alone || !failed(facts, handshake.pid)) return false;
  return handshake.verify && handshake.verify->seen_by == "process" && handshake.verify->reason != Reason::kAccepted &&
         handshake.verify_mode != "none";
}

bool left_silent(const Facts& facts, const Connection& connection) {
  if (connection.tls || connection.error != kNoData || !failed(facts, connection.pid)) return false;
  const std::string port = port_of(connection.peer);  // a name may have several addresses
  return std::ranges::none_of(facts.connections, [&](const Connection& other) {
    return other.pid == connection.pid && (other.tls || other.error.empty()) && port_of(other.peer) == port;
  });
}

bool loads_own_key(const TrustCall& call) {
  return call.call.find("_PrivateKey") != std::string::npos || call.call.find("_private_key") != std::string::npos ||
         call.call.find("_use_certificate") != std::string::npos || call.call.find("_set_x509_key") != std::string::npos;
}

void explain_leaving(Facts& facts, const std::set<std::int32_t>& explained) {
  for (const Handshake& one : facts.handshakes)
    if (std::string text = about(facts, one); !text.empty()) facts.unseen.push_back(std::move(text));
  for (const Connection& one : facts.connections)
    if (!explained.contains(one.pid) && left_silent(facts, one))
      facts.unseen.push_back(
          fmt::format("what {} wanted of {}: it connected, sent nothing and failed; it may have failed to load its store, its certificate or its key",
                      name_of(facts, one.pid), one.peer));
}

void fold(std::vector<std::string>& sentences) {
  std::map<std::string, unsigned> times;
  for (const std::string& one : sentences) ++times[one];
  std::vector<std::string> out;
  for (std::string& one : sentences) {
    const unsigned number = std::exchange(times[one], 0);
    if (number > 0) out.push_back(number == 1 ? std::move(one) : fmt::format("{} ({} times)", one, number));
  }
  sentences = std::move(out);
}

}  // namespace tlswhy::facts
