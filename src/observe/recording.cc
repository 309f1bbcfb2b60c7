// What the collector hands over at the end.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "observe/collector.h"
#include "observe/handshake_facts.h"

namespace tlswhy::observe {

void Collector::add_processes(facts::Facts& out) {
  std::set<const Program*> done;
  std::vector<std::shared_ptr<Program>> chain;
  for (const auto& one : kept_) {
    // Ancestors first, so that the list reads as a tree.
    chain.clear();
    for (auto at = one; at && done.insert(at.get()).second; at = at->parent)
      if (at->known) chain.push_back(at);
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) out.processes.push_back((*at)->facts);
  }
  out.processes_total = processes_;
}

facts::Recording Collector::finish() {
  facts::Recording out;
  if (keys_ != nullptr) keys_->refresh();
  for (const auto& [pid, program] : running_) look_at_sockets(pid);
  for (const auto& flow : flows_) {
    flow->conversation.retry();
    const bool tls = flow->conversation.is_tls();
    if (tls && !flow->conversation.trouble().empty() && !flow->conversation.clear_answer())
      out.facts.unseen.push_back(fmt::format("the rest of the handshake with {}: {}", flow->peer, flow->conversation.trouble()));
    out.facts.connections.push_back({flow->owner->facts.pid, flow->peer, connection_error(*flow), tls});
    // Its program wanted TLS, and the server refused to begin it.
    const bool refused = !tls && flow->owner->facts.exit_code.value_or(1) != 0 && flow->conversation.clear_answer();
    if (!tls && !refused) continue;
    facts::RecordedHandshake shake{describe(*flow), {}, flow->process, flow->conversation.client_sent_data()};
    keep_messages(flow->conversation, shake);
    shake.facts.chain_from = shake.chain.empty() ? "" : "wire";
    if (shake.chain.empty() && flow->verification && !flow->verification->chain.empty()) {
      shake.chain = flow->verification->chain;
      shake.facts.chain_from = "process";
    }
    out.handshakes.push_back(std::move(shake));
  }
  note_end_errors(out);
  add_processes(out.facts);
  for (const auto& one : kept_)
    if (one->snapshot && std::ranges::find(out.snapshots, one->snapshot) == out.snapshots.end()) out.snapshots.push_back(one->snapshot);
  out.facts.lookups = std::move(lookups_);
  note_complaints(out);
  out.facts.trust_calls = std::move(calls_);
  out.facts.unseen.insert(out.facts.unseen.end(), unseen_.begin(), unseen_.end());
  if (lookups_dropped_ > 0) out.facts.unseen.push_back(fmt::format("{} look-ups beyond the first {}", lookups_dropped_, kMaxLookups));
  if (flows_dropped_ > 0) out.facts.unseen.push_back(fmt::format("{} connections beyond the first {}", flows_dropped_, kMaxFlows));
  return out;
}

}  // namespace tlswhy::observe
