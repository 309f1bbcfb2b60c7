#include "findings/json.h"

#include <nlohmann/json.hpp>

// nlohmann 3.11 knows std::optional only from 3.12 on: null stands for an empty one.
template <typename T>
struct nlohmann::adl_serializer<std::optional<T>> {
  static void to_json(json& out, const std::optional<T>& value) {
    if (value)
      out = *value;
    else
      out = nullptr;
  }
  static void from_json(const json& in, std::optional<T>& value) {
    if (in.is_null())
      value.reset();
    else
      value = in.get<T>();
  }
};

// A word that a field is one of goes by its name.
template <typename Word>
concept Named = std::is_enum_v<Word> && requires(Word word) { words_of(word); };

template <Named Word>
struct nlohmann::adl_serializer<Word> {
  static void to_json(json& out, const Word& word) { out = tlswhy::facts::name_of(word); }
  static void from_json(const json& in, Word& word) { word = tlswhy::facts::word_named<Word>(in.get<std::string>()); }
};

namespace tlswhy::facts {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Certificate, subject, issuer, sha256, not_before, not_after, subject_hash, names, ca, self_issued,
                                                der, aia, key_id, issuer_key_id, key, signature, key_usage, purposes, path_length, constraints,
                                                revocation, must_staple, oddities)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Alert, level, code, name, sender, encrypted)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Verify, code, text, depth, seen_by, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(AnchorPlace, path, directory, status, holds_anchor, anchors, expired, used_by, links, unusable,
                                                detail)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(StoreDifference, has, lacks, subjects)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(NearAnchor, certificate, path, why)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(AnchorNeed, subject, subject_hash, places, related, uninstalled, namesakes, public_name, out_of_date)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ClearText, protocol, text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(HelloProbe, changed, answered, answer)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(LibraryFailure, pid, library, wanted_by, why, detail, found, searched)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(CryptoSetting, pid, file, line, name, value, problem)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(FoundIssuer, certificate, from)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Handshake, pid, peer, servername, offered, version, result, alert, verify, chain, chain_from, anchor,
                                                found_issuers, stack, stack_index, thread, library, anchors_loaded, store, expected_name, via, client,
                                                packet, verify_mode, client_finished, client_sent_data, server_sent_data, unused, ended_by, ended,
                                                own_chain, reason, ciphers, groups, signatures, alpn_offered, alpn, cipher, hello_size,
                                                certificate_requested, requested_authorities, client_certificate, client_chain, clear_answer,
                                                hello_probes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TrustCall, order, pid, thread, library, call, store, arguments, result)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Build, version, openssldir, enginesdir, modulesdir, cert_file, cert_dir, read_by)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Source, kind, what, variable, path, status, failed_at, links, anchors, holds_anchor,
                                                holds_unusable_anchor, detail, modified, refused, anchor_file, anchor_digests)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Knob, name, kind, holds, adds, empty_counts, at_secure_silences, only_with)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Loaded, what, path, by, anchors, variable, option)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(StackVerdict, reason, depth, certificate, path)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Stack, pid, name, model, version, linkage, path, deleted, why_loaded, build, sources, over,
                                                default_holds_anchor, glibc, compiled_roots, needed, base, refusal, knobs, loaded, own_stores,
                                                verdict, verdict_text, verdict_details, asked_by, places_by, compiled_file, compiled_directory)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Process, pid, parent, exe, command, trust_env, at_secure, own_root, root, mount_namespace, uid, gid,
                                                groups, reads_all, exit_code, started, confinement, filters, no_new_privileges)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Lookup, order, pid, call, path, gave_up, said)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Connection, pid, peer, error, tls)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Clock, synchronised, newest_file, newest_file_time)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(System, id, version, name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Observer, uid, reads_all, traces_all, ptrace_scope)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Target, command, exit_code, root, watched)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ScannedFile, path, stacks, compiled_roots, needed, glibc, container, machine, program, decides,
                                                same_as, missing, trouble)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Distribution, name, drop_in, command)
}  // namespace tlswhy::facts

namespace tlswhy::findings {

using facts::Facts;
using facts::Process;
using facts::Stack;
using nlohmann::json;

void to_json(json& out, const Edit& edit) { out = {{"edit", facts::name_of(edit.kind)}, {"target", edit.target}, {"value", edit.value}}; }
void from_json(const json& in, Edit& edit) {
  edit = {facts::word_named<EditKind>(in.value("edit", "")), in.value("target", ""), in.value("value", "")};
}
void to_json(json& out, const Change& change) { out = change.edits; }
void from_json(const json& in, Change& change) { change.edits = in.get<std::vector<Edit>>(); }

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Evidence, text, path, witness)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProofRun, label, ok, code, text, depth)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Proof, library, changed, before, after, flipped, trouble, means)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Fix, id, title, command, verified, verified_by, change)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Answer, ok, reason, code, depth, text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Trial, means, handshake, stack, change, answer, trouble)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(KnownStack, name, standing, versions, knobs)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Setting, format, variable, value)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Step, action, path, before, after)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Applied, id, remedy, state, at, root, steps, notes, verified)

namespace {

constexpr const char* kSchema = "tlswhy/1";
constexpr std::size_t kMaxJson = 256U << 20;

// The contract calls an errno field "errno", which is a macro in C: those fields go by hand.
template <typename T>
json list_with_errno(const std::vector<T>& all) {
  json out = json::array();
  for (const T& one : all) {
    json entry = one;
    entry["errno"] = one.error.empty() ? json(nullptr) : json(one.error);
    out.push_back(std::move(entry));
  }
  return out;
}

template <typename T>
void read_with_errno(const json& in, std::vector<T>& all) {
  for (const json& entry : in) {
    T one = entry.get<T>();
    if (entry.contains("errno") && entry["errno"].is_string()) one.error = entry["errno"].get<std::string>();
    all.push_back(std::move(one));
  }
}

json stack_json(const Stack& stack) {
  json out = stack;
  out["sources"] = list_with_errno(stack.sources);
  return out;
}

json causes_json(const std::vector<Cause>& causes) {
  json out = json::array();
  for (const Cause& cause : causes)
    out.push_back({{"code", cause.code}, {"class", cause.name}, {"summary", cause.summary}, {"explanation", cause.explanation}});
  return out;
}

Cause read_cause(const json& in) { return {in.value("code", ""), in.value("class", ""), in.value("summary", ""), in.value("explanation", "")}; }

json finding_json(const Finding& finding) {
  return {{"code", finding.code},
          {"class", finding.name},
          {"title", finding.title},
          {"certainty", finding.certainty},
          {"evidence", list_with_errno(finding.evidence)},
          {"change", finding.change},
          {"proof", finding.proof},
          {"fixes", finding.fixes},
          {"pid", finding.pid},
          {"handshakes", finding.handshakes},
          {"files", finding.files}};
}

Finding read_finding(const json& in) {
  Finding out;
  out.code = in.value("code", "");
  out.name = in.value("class", "");
  out.title = in.value("title", "");
  out.certainty = in.value("certainty", "");
  read_with_errno(in.value("evidence", json::array()), out.evidence);
  out.change = in.value("change", Change{});
  if (in.contains("proof")) out.proof = in["proof"].get<std::optional<Proof>>();
  out.fixes = in.value("fixes", std::vector<Fix>{});
  out.pid = in.value("pid", 0);
  out.handshakes = in.value("handshakes", std::vector<std::int64_t>{});
  out.files = in.value("files", std::vector<std::string>{});
  return out;
}

Report read_report(const json& in) {
  Report out;
  Facts& facts = out.facts;
  out.outcome = in.value("outcome", "unknown");
  facts.target = in.value("target", facts::Target{});
  facts.handshakes = in.value("handshakes", std::vector<facts::Handshake>{});
  for (const json& entry : in.value("stacks", json::array())) {
    Stack stack = entry.get<Stack>();
    stack.sources.clear();
    read_with_errno(entry.value("sources", json::array()), stack.sources);
    facts.stacks.push_back(std::move(stack));
  }
  for (const json& entry : in.value("findings", json::array())) out.findings.push_back(read_finding(entry));
  facts.processes = in.value("processes", std::vector<Process>{});
  facts.processes_total = in.value("processes_total", std::uint64_t{0});
  facts.connections = in.value("connections", std::vector<facts::Connection>{});
  read_with_errno(in.value("lookups", json::array()), facts.lookups);
  facts.trust_calls = in.value("trust_calls", std::vector<facts::TrustCall>{});
  read_with_errno(in.value("machine_stores", json::array()), facts.machine_stores);
  facts.store_differences = in.value("store_differences", std::vector<facts::StoreDifference>{});
  facts.program_differences = in.value("program_differences", std::vector<facts::StoreDifference>{});
  if (in.contains("offered_store")) facts.offered_store = in["offered_store"].get<std::optional<facts::AnchorPlace>>();
  facts.untraced = in.value("untraced", false);
  facts.unseen = in.value("unseen", std::vector<std::string>{});
  facts.observed_at = in.value("observed_at", "");
  facts.clock = in.value("clock", facts::Clock{});
  facts.system = in.value("system", facts::System{});
  facts.observer = in.value("observer", facts::Observer{});
  facts.library_failures = in.value("library_failures", std::vector<facts::LibraryFailure>{});
  facts.crypto_settings = in.value("crypto_settings", std::vector<facts::CryptoSetting>{});
  out.trials = in.value("trials", std::vector<Trial>{});
  out.neighbours = in.value("neighbours", std::vector<std::string>{});
  out.kind = in.value("kind", facts::Kind::kRun);
  out.took_ms = in.value("took_ms", std::uint64_t{0});
  facts.files = in.value("files", std::vector<facts::ScannedFile>{});
  if (in.contains("distribution")) facts.distribution = in["distribution"].get<std::optional<facts::Distribution>>();
  out.known_stacks = in.value("known_stacks", std::vector<KnownStack>{});
  for (const json& entry : in.value("causes", json::array())) out.causes.push_back(read_cause(entry));
  if (in.contains("setting")) out.setting = in["setting"].get<std::optional<Setting>>();
  out.settings = in.value("settings", std::vector<Setting>{});
  out.advice = in.value("advice", std::vector<std::string>{});
  out.applied = in.value("applied", std::vector<Applied>{});
  for (const json& entry : in.value("ignored", json::array())) out.ignored.push_back({read_finding(entry), entry.value("reason", "")});
  return out;
}

}  // namespace

std::string to_json(const Report& report) {
  const Facts& facts = report.facts;
  nlohmann::ordered_json out;
  out["schema"] = kSchema;
  out["target"] = json(facts.target);
  out["outcome"] = report.outcome;
  json findings = json::array(), stacks = json::array();
  for (const Finding& one : report.findings) findings.push_back(finding_json(one));
  for (const Stack& one : facts.stacks) stacks.push_back(stack_json(one));
  out["findings"] = findings;
  out["handshakes"] = json(facts.handshakes);
  out["stacks"] = stacks;
  out["connections"] = json(facts.connections);
  out["processes"] = json(facts.processes);
  out["processes_total"] = facts.processes_total;
  out["lookups"] = list_with_errno(facts.lookups);
  out["trust_calls"] = json(facts.trust_calls);
  out["machine_stores"] = list_with_errno(facts.machine_stores);
  out["store_differences"] = json(facts.store_differences);
  out["program_differences"] = json(facts.program_differences);
  out["offered_store"] = json(facts.offered_store);
  out["trials"] = json(report.trials);
  out["neighbours"] = report.neighbours;
  out["unseen"] = facts.unseen;
  out["observed_at"] = facts.observed_at;
  out["clock"] = json(facts.clock);
  out["system"] = json(facts.system);
  out["observer"] = json(facts.observer);
  out["library_failures"] = json(facts.library_failures);
  out["crypto_settings"] = json(facts.crypto_settings);
  out["untraced"] = facts.untraced;
  out["kind"] = json(report.kind);
  out["took_ms"] = report.took_ms;
  if (!facts.files.empty()) out["files"] = json(facts.files);
  if (facts.distribution) out["distribution"] = json(*facts.distribution);
  if (!report.known_stacks.empty()) out["known_stacks"] = json(report.known_stacks);
  if (!report.causes.empty()) out["causes"] = causes_json(report.causes);
  if (report.setting) out["setting"] = json(*report.setting);
  if (!report.settings.empty()) out["settings"] = json(report.settings);
  if (!report.advice.empty()) out["advice"] = json(report.advice);
  if (!report.applied.empty()) out["applied"] = json(report.applied);
  json ignored = json::array();
  for (const Ignored& one : report.ignored) {
    json entry = finding_json(one.finding);
    entry["reason"] = one.reason;
    ignored.push_back(std::move(entry));
  }
  if (!ignored.empty()) out["ignored"] = ignored;
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

base::Result<Report> from_json(std::string_view text) {
  if (text.size() > kMaxJson) return base::fail(base::Code::kLimit, "report is too large", "json");
  // The library throws on wrong types; this is the border where that ends.
  try {
    const json in = json::parse(text);
    if (!in.is_object() || in.value("schema", "") != kSchema) return base::fail(base::Code::kUnsupported, "not a tlswhy/1 report", "json");
    return read_report(in);
  } catch (const json::parse_error& error) {
    return base::fail(base::Code::kMalformed, "bad JSON", "json+" + std::to_string(error.byte));
  } catch (const json::exception& error) {
    return base::fail(base::Code::kMalformed, error.what(), "json");
  }
}

}  // namespace tlswhy::findings
