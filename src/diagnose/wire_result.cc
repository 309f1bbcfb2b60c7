#include "diagnose/wire_result.h"

#include <algorithm>

#include "facts/outcome.h"

namespace tlswhy::diagnose {
namespace {

// A command or process that ended well had no use for what failed. In a capture, and of one that still runs, no end is known.
bool may_have_failed(const facts::Handshake& shake, const facts::Facts& facts) {
  if (facts.target.exit_code == 0) return false;
  const facts::Process* process = facts.process(shake.pid);
  return process == nullptr ? shake.pid == 0 : process->exit_code != 0;
}

bool reached_otherwise(const facts::Handshake& shake, const std::vector<facts::RecordedHandshake>& all) {
  return std::ranges::any_of(all, [&](const facts::RecordedHandshake& other) {
    const facts::Handshake& one = other.facts;
    return shake.pid != 0 && one.pid == shake.pid && one.servername == shake.servername && one.result == "ok" && one.client_sent_data;
  });
}

// The server went away after it had asked for the client's certificate, without having said anything after that.
bool left_after_asking(const facts::Handshake& shake) {
  if (!shake.certificate_requested || shake.client_certificate.empty() || shake.ended_by != "server" || shake.server_sent_data) return false;
  return shake.ended == facts::Ending::kFin || shake.ended == facts::Ending::kReset;
}

}  // namespace

void settle_results(std::vector<facts::RecordedHandshake>& handshakes, facts::Facts& facts) {
  for (facts::RecordedHandshake& recorded : handshakes) {
    facts::Handshake& shake = recorded.facts;
    const bool otherwise = recorded.end_error.empty() && reached_otherwise(shake, handshakes);
    if (shake.result == "failed" || !may_have_failed(shake, facts) || otherwise) continue;
    const bool stopped = shake.result == "incomplete" && (shake.clear_answer || facts::was_cut(shake));
    if (stopped || left_after_asking(shake)) shake.result = "failed";
    if (recorded.end_error.empty() || facts.target.exit_code.value_or(0) == 0) continue;
    shake.result = "failed";
    if (shake.ended != facts::Ending::kReset) shake.ended = facts::Ending::kFin;
    shake.ended_by = "server";
    for (facts::Connection& one : facts.connections)
      if (one.pid == shake.pid && one.peer == shake.peer && one.tls && one.error.empty()) one.error = recorded.end_error;
  }
  // Where TLS was not to be had and nobody minded, there was no handshake.
  std::erase_if(handshakes, [](const auto& one) { return one.facts.offered.empty() && one.facts.clear_answer && one.facts.result != "failed"; });
}

}  // namespace tlswhy::diagnose
