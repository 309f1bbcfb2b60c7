#include "diagnose/analyse.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "diagnose/client_keys.h"
#include "diagnose/crypto_settings.h"
#include "diagnose/issuers.h"
#include "diagnose/live_stacks.h"
#include "diagnose/load_failures.h"
#include "diagnose/near_anchors.h"
#include "diagnose/prober.h"
#include "diagnose/replaced_libraries.h"
#include "diagnose/surroundings.h"
#include "diagnose/wire_result.h"
#include "facts/outcome.h"
#include "facts/reasons.h"
#include "stacks/stack.h"
#include "store/distributions.h"
#include "store/system_stores.h"
#include "x509/extensions.h"
#include "x509/readable.h"

namespace tlswhy::diagnose {
namespace {

// Parses and describes each certificate once, however many handshakes show it.
class Certificates {
 public:
  LiveHandshake read_chain(const Chain& der, facts::Handshake& handshake, std::vector<std::string>& unseen) {
    LiveHandshake out;
    for (std::size_t i = 0; i < der.size(); ++i) {
      const auto [entry, fresh] = known_.try_emplace(std::string(der[i].begin(), der[i].end()));
      if (fresh)
        if (auto parsed = x509::Certificate::parse(der[i])) entry->second = Known{*parsed, describe(*parsed)};
      if (!entry->second) {
        unseen.push_back(fmt::format("certificate {} of {}: it can't be parsed", i, handshake.peer));
        break;
      }
      handshake.chain.push_back(entry->second->facts);
      out.chain.push_back(entry->second->certificate);
    }
    return out;
  }

 private:
  struct Known {
    x509::Certificate certificate;
    facts::Certificate facts;
  };
  std::unordered_map<std::string, std::optional<Known>> known_;
};

// "O=…" of a name; "" if it says none.
std::string organisation(const std::string& name) {
  for (const std::string& part : base::split(name, ','))
    if (const std::size_t at = part.find("O="); at != std::string::npos && part.find_first_not_of(' ') == at) return part.substr(at);
  return "";
}

// An anchor of the organisation that issued `top`: it may stand above an issuer that was left out.
std::string related_anchor(const x509::Certificate& top, const std::vector<store::AnchorSet>& stores) {
  const std::string wanted = organisation(top.issuer());
  for (const store::AnchorSet& store : stores)
    for (const x509::Certificate& anchor : store.anchors)
      if (!wanted.empty() && organisation(anchor.subject()) == wanted) return anchor.subject();
  return "";
}

// Where the anchor above `top` is: every known store of the process's root, and its own sources.
facts::AnchorNeed find_anchor(const x509::Certificate& top, const std::vector<store::AnchorSet>& stores) {
  facts::AnchorNeed need{top.issuer(), top.issuer_hash(), {}};
  const x509::Certificate* anchor = nullptr;
  for (const store::AnchorSet& store : stores) {
    need.places.push_back(describe_place(store, &top));
    const x509::Certificate* found = store.find(top);
    if (found == nullptr) continue;
    anchor = found;
    if (!found->valid_at(0)) need.out_of_date.push_back({describe(*found), store.path, ""});
  }
  if (anchor != nullptr) need.subject = anchor->subject();
  need.public_name = is_public(top, anchor);
  if (std::ranges::none_of(need.places, &facts::AnchorPlace::holds_anchor)) need.related = related_anchor(top, stores);
  return need;
}

void describe_stores(const std::vector<store::AnchorSet>& stores, facts::Facts& facts) {
  for (const store::AnchorSet& store : stores) facts.machine_stores.push_back(describe_place(store, nullptr));
}

// The process whose root and rights count: of the first failed handshake, or any handshake, or any process.
std::shared_ptr<const facts::Snapshot> main_process(const facts::Recording& recording) {
  for (const char* wanted : {"failed", "incomplete", "ok"})
    for (const auto& handshake : recording.handshakes)
      if (handshake.process && handshake.facts.result == wanted) return handshake.process;
  return recording.snapshots.empty() ? nullptr : recording.snapshots.front();
}

facts::Verify modelled_verdict(int code) { return facts::openssl_verdict(code, x509::verify_error_text(code), 0, "model"); }

// Words for OpenSSL's numbers, and the verdicts that programs reach outside of their library: a client that looks at the name, or at a pinned
// key, itself finishes the handshake and leaves (curl, wget, node). Told only when the program failed as well.
void complete_verdict(facts::RecordedHandshake& recorded, const facts::Facts& facts) {
  facts::Handshake& shake = recorded.facts;
  for (auto* verify : {&shake.verify, &shake.own_chain})
    if (*verify && (*verify)->text.empty() && shake.stack.starts_with("OpenSSL")) (*verify)->text = x509::verify_error_text((*verify)->code);
  // A callback of the program that refuses may have looked at the name (Perl's IO::Socket::SSL).
  const bool by_callback = shake.result == "failed" && shake.verify && shake.verify->reason == facts::Reason::kOwnCheck;
  if ((shake.result == "failed" && !by_callback) || recorded.client_sent_data || shake.servername.empty() || recorded.chain.empty()) return;
  const facts::Process* process = facts.process(shake.pid);
  if (process == nullptr || process->exit_code.value_or(1) == 0) return;
  const auto leaf = x509::Certificate::parse(recorded.chain.front());
  if (!leaf) return;
  constexpr int kApplicationVerification = 50;  // X509_V_ERR_APPLICATION_VERIFICATION
  const bool pinned = !by_callback && stacks::pins_key(process->command);
  if (leaf->is_for(shake.servername) && !pinned) return;
  shake.result = "failed";
  shake.verify = pinned && leaf->is_for(shake.servername) ? modelled_verdict(kApplicationVerification) : hostname_mismatch();
}

// A process that failed, and made no handshake.
bool failed_early(const facts::Snapshot& snapshot, const facts::Recording& recording, const facts::Facts& facts) {
  const std::int32_t pid = snapshot.process.pid;
  const facts::Process* process = facts.process(pid);
  return process != nullptr && process->exit_code.value_or(0) != 0 &&
         std::ranges::none_of(recording.handshakes, [&](const auto& one) { return one.facts.pid == pid; });
}

// Stores and libraries are read when something failed or could not be watched; a run in which all went well ends at once.
bool worth_a_look(const facts::Recording& recording, const facts::Facts& facts) {
  const bool failed = facts.target.exit_code.value_or(0) != 0;
  const auto worth = [&](const auto& one) { return one.facts.result != "ok" || (failed && one.facts.unused); };
  // A command that failed, and a process of it that looked for trust without coming to a handshake.
  const bool early = failed && std::ranges::any_of(recording.snapshots, [&](const auto& one) { return failed_early(*one, recording, facts); });
  return facts.untraced || early || std::ranges::any_of(recording.handshakes, worth);
}

}  // namespace

facts::Verify hostname_mismatch() {
  constexpr int kHostnameMismatch = 62;  // X509_V_ERR_HOSTNAME_MISMATCH (openssl/x509_vfy.h)
  return modelled_verdict(kHostnameMismatch);
}

facts::AnchorPlace describe_place(const store::AnchorSet& store, const x509::Certificate* top) {
  const auto expired = static_cast<std::uint64_t>(std::ranges::count_if(store.anchors, &x509::Certificate::expired));
  return {store.path, store.directory, store::status_name(store.status), top != nullptr && store.find(*top) != nullptr, store.anchors.size(), expired,
          {}};
}

facts::Certificate describe(const x509::Certificate& certificate) {
  facts::Certificate out;
  out.subject = certificate.subject();
  out.issuer = certificate.issuer();
  out.sha256 = certificate.sha256();
  out.not_before = certificate.not_before();
  out.not_after = certificate.not_after();
  out.subject_hash = certificate.subject_hash();
  out.names = certificate.names();
  out.ca = certificate.is_ca();
  out.self_issued = certificate.self_issued();
  out.der = x509::encode_base64(certificate.der());
  out.aia = certificate.issuer_urls();
  x509::Readable more = x509::readable(certificate);
  out.key_id = std::move(more.key_id);
  out.issuer_key_id = std::move(more.issuer_key_id);
  out.key = std::move(more.key);
  out.signature = std::move(more.signature);
  out.key_usage = std::move(more.key_usage);
  out.purposes = std::move(more.purposes);
  out.constraints = std::move(more.constraints);
  out.revocation = std::move(more.revocation);
  out.must_staple = more.must_staple;
  out.oddities = std::move(more.oddities);
  out.path_length = x509::basic_constraints(certificate).path_length;
  return out;
}

const x509::Certificate* top_of(const std::vector<x509::Certificate>& chain) {
  if (chain.empty()) return nullptr;
  const x509::Certificate* at = &chain.front();
  for (std::size_t steps = 0; steps < chain.size() && !at->self_issued(); ++steps) {
    const auto issuer = std::ranges::find_if(chain, [&](const x509::Certificate& one) { return &one != at && at->signed_by(one); });
    if (issuer == chain.end()) break;
    at = &*issuer;
  }
  return at;
}

namespace {

// Mutual TLS, as far as it was seen.
void describe_mutual(facts::RecordedHandshake& recorded) {
  for (const auto& name : recorded.authorities) recorded.facts.requested_authorities.push_back(x509::text_of_name(name));
  for (const auto& der : recorded.client_chain)
    if (auto parsed = x509::Certificate::parse(der)) recorded.facts.client_chain.push_back(describe(*parsed));
}

// Asks the peer what there is to ask where it did not let the handshake begin.
void ask_again(Prober& prober, const facts::RecordedHandshake& recorded, facts::Handshake& handshake, std::vector<std::string>& unseen) {
  constexpr int kNoApplicationProtocol = 120;
  if (handshake.clear_answer) {
    prober.read_clear(handshake, recorded.hello, unseen);
    return prober.try_starttls(handshake, unseen);
  }
  if (facts::was_cut(handshake)) return prober.try_hellos(handshake, recorded.hello, unseen);
  if (!handshake.alert || handshake.alert->sender != "server") return;
  if (handshake.alert->code == kNoApplicationProtocol) return prober.try_no_protocols(handshake, recorded.hello, unseen);
  prober.try_all(handshake, unseen);
}

// A client that offered one application protocol, of which the server takes none, and that left at once, insists on it.
void judge_protocols(Prober& prober, facts::Handshake& handshake, std::vector<std::string>& unseen) {
  if (!handshake.alpn.empty()) return;
  if (handshake.version == "TLSv1.3") prober.try_protocols(handshake, unseen);
  const bool told = handshake.version != "TLSv1.3" || (!handshake.hello_probes.empty() && handshake.hello_probes.back().answered);
  if (!told) return;
  const std::string chosen = handshake.hello_probes.empty() ? "" : handshake.hello_probes.back().answer;
  if (std::ranges::find(handshake.alpn_offered, chosen) != handshake.alpn_offered.end()) return;
  handshake.result = "failed";
  handshake.reason = facts::reason_of(handshake);
}

bool may_insist(const facts::Handshake& handshake, const facts::Facts& facts) {
  const facts::Process* process = facts.process(handshake.pid);
  const bool failed = process != nullptr && process->exit_code.value_or(0) != 0 && facts.target.exit_code != 0;
  return handshake.result == "ok" && handshake.unused && failed && !handshake.alpn_offered.empty() &&
         std::ranges::find(handshake.alpn_offered, "http/1.1") == handshake.alpn_offered.end();
}

// Of some libraries only the leaf is seen as it is verified (Go keeps the rest apart): what the peer sends to us after the same leaf is that.
void complete(Prober& prober, Chain& chain, facts::Handshake& handshake) {
  std::vector<std::string> untold;
  Chain probed = prober.chain(handshake, untold);
  if (probed.size() < 2 || probed.front() != chain.front()) return;
  chain = std::move(probed);
  handshake.chain_from = "probe";
}

// A variable of the process may name a store that has the anchor, though the program does not read that variable.
void add_named_stores(LiveStacks& live, const facts::Snapshot* process, const x509::Certificate& top, facts::AnchorNeed& need) {
  if (process == nullptr || std::ranges::any_of(need.places, &facts::AnchorPlace::holds_anchor)) return;
  for (const auto& [name, path] : process->process.trust_env) {
    if (!path.starts_with('/') || name == "HOME" || name.starts_with("LD_")) continue;
    const store::AnchorSet set = live.stores(*process).bundle(path);
    if (set.find(top) == nullptr) continue;
    need.places.push_back(describe_place(set, &top));
    need.places.back().detail = name + " names it";
  }
}

// What lies near the anchor that is wanted and is not it.
void look_around(LiveStacks& live, const facts::Snapshot* process, const std::vector<store::AnchorSet>& stores, const x509::Certificate& top,
                 facts::Handshake& handshake, facts::Facts& facts) {
  using enum facts::Reason;
  const facts::Reason reason = facts::reason_of(handshake);  // the library may be asked later where it is not known yet
  if (process == nullptr || (reason != kUnknown && reason != kOther && reason != kStoreRefused && !facts::wants_anchor(handshake))) return;
  facts::AnchorNeed& need = *handshake.anchor;
  const facts::Stack* stack = handshake.stack_index < 0 ? nullptr : &facts.stacks[static_cast<std::size_t>(handshake.stack_index)];
  need.namesakes = namesakes(live.stores(*process), stores, stack, top);
  if (std::ranges::any_of(need.places, &facts::AnchorPlace::holds_anchor)) return;
  need.uninstalled = uninstalled(*process->files, top);
}

// How the system of the process takes a new anchor.
void note_distribution(const facts::Snapshot* process, facts::Facts& facts) {
  const store::Distribution* row = process == nullptr ? nullptr : store::distribution_of(*process->files);
  if (row != nullptr) facts.distribution = facts::Distribution{std::string(row->name), std::string(row->drop_in), std::string(row->command)};
}

}  // namespace

namespace {

// The chain was refused, and its anchor is nowhere here: an issuer between may have been left out.
bool wants_issuers(const facts::Handshake& handshake) {
  return handshake.result == "failed" && !facts::is_beside_chain(facts::reason_of(handshake)) &&
         std::ranges::none_of(handshake.anchor->places, &facts::AnchorPlace::holds_anchor);
}

// What only the peer can tell: what it says to another hello where it refused this one, and the chain that was not seen.
void ask_peer(Prober& prober, const facts::RecordedHandshake& recorded, bool allowed, facts::Handshake& handshake, Chain& chain,
              facts::Facts& facts) {
  const bool begun = !handshake.clear_answer && (!handshake.version.empty() || handshake.offered.empty());
  if (may_insist(handshake, facts)) judge_protocols(prober, handshake, facts.unseen);
  if (handshake.result != "failed") return;
  if (!begun) return ask_again(prober, recorded, handshake, facts.unseen);
  if (chain.empty() && handshake.client.empty()) {
    chain = prober.chain(handshake, facts.unseen);
    if (!chain.empty()) handshake.chain_from = "probe";
  } else if (handshake.chain_from == "process" && chain.size() == 1 && allowed) {
    complete(prober, chain, handshake);
  }
}

}  // namespace

Analysis analyse(facts::Recording recording, const AnalyseOptions& options) {
  Analysis out;
  settle_results(recording.handshakes, recording.facts);
  const auto process = main_process(recording);
  out.facts = std::move(recording.facts);
  for (auto& recorded : recording.handshakes) {
    describe_mutual(recorded);
    complete_verdict(recorded, out.facts);
    recorded.facts.reason = facts::reason_of(recorded.facts);
  }
  if (!options.everything && !worth_a_look(recording, out.facts)) {
    for (auto& recorded : recording.handshakes) out.facts.handshakes.push_back(std::move(recorded.facts));
    out.facts.observed_at = base::time_text(std::time(nullptr));
    return out;
  }
  base::keep_memory();
  const host::RealFiles own_root = host::RealFiles::machine();
  describe_surroundings(own_root, out.facts);
  LiveStacks live;
  live.look_ahead(recording.snapshots);
  store::AnchorReader own_stores(own_root);
  const auto stores = store::read_system_stores(process ? live.stores(*process) : own_stores);
  describe_stores(stores, out.facts);
  note_distribution(process.get(), out.facts);
  if (!options.store.empty()) out.facts.offered_store = describe_place(own_stores.bundle(options.store), nullptr);
  Prober prober(options.probe);
  Certificates certificates;
  std::vector<x509::Certificate> seen;               // of all handshakes so far
  std::map<std::string, facts::AnchorNeed> anchors;  // by the certificate that wants one
  for (const auto& recorded : recording.handshakes) {
    facts::Handshake handshake = recorded.facts;
    Chain chain = recorded.chain;
    ask_peer(prober, recorded, options.probe, handshake, chain, out.facts);
    LiveHandshake shake = certificates.read_chain(chain, handshake, out.facts.unseen);
    out.handshakes.push_back(std::move(shake));
    LiveHandshake& kept = out.handshakes.back();
    kept.top = top_of(kept.chain);
    seen.insert(seen.end(), kept.chain.begin(), kept.chain.end());
    if (kept.top != nullptr) {
      const auto [entry, fresh] = anchors.try_emplace(kept.top->sha256());
      if (fresh) entry->second = find_anchor(*kept.top, stores);
      handshake.anchor = entry->second;
      if (wants_issuers(handshake)) handshake.found_issuers = find_issuers(*kept.top, stores, seen, options.probe);
    }
    live.add(recorded.process, kept.top, handshake.store, out);
    live.attribute(recorded.process, handshake, out);
    if (kept.top != nullptr && handshake.result == "failed") add_named_stores(live, recorded.process.get(), *kept.top, *handshake.anchor);
    if (kept.top != nullptr && handshake.result == "failed") look_around(live, recorded.process.get(), stores, *kept.top, handshake, out.facts);
    out.facts.handshakes.push_back(std::move(handshake));
  }
  for (const auto& snapshot : recording.snapshots) {
    live.add(snapshot, nullptr, 0, out);
    std::ranges::move(crypto_settings(*snapshot, out.facts.stacks, out.facts.lookups), std::back_inserter(out.facts.crypto_settings));
    std::ranges::move(replaced_libraries(*snapshot), std::back_inserter(out.facts.library_failures));
    if (!failed_early(*snapshot, recording, out.facts)) continue;
    look_at_keys(*snapshot, out.facts);
    std::ranges::move(load_failures(*snapshot, out.facts.lookups), std::back_inserter(out.facts.library_failures));
  }
  return out;
}

}  // namespace tlswhy::diagnose
