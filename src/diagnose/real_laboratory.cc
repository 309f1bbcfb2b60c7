#include "diagnose/real_laboratory.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>

#include "base/socket.h"
#include "base/text.h"
#include "base/time.h"
#include "diagnose/live_stacks.h"
#include "facts/reasons.h"
#include "host/overlay_files.h"
#include "prove/library_run.h"
#include "stacks/judge.h"
#include "stacks/stack.h"
#include "store/anchor_reader.h"
#include "store/pem_repair.h"

namespace tlswhy::diagnose {

using base::Code;
using base::fail;
using base::Result;
using findings::Answer;
using findings::Edit;
using findings::EditKind;

namespace {

using Der = std::vector<std::uint8_t>;

std::map<std::string, std::string> environment_of(const facts::Process& process, const findings::Change& change) {
  auto env = process.trust_env;
  // A process with AT_SECURE does not see them; the child that takes its place would.
  if (process.at_secure && !change.has(EditKind::kDropPrivileges))
    for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES"}) env.erase(name);
  for (const Edit& edit : change.edits) {
    if (edit.kind == EditKind::kSetVariable) env[edit.target] = edit.value;
    if (edit.kind == EditKind::kUnsetVariable) env.erase(edit.target);
  }
  return env;
}

// What `openssl rehash` would link: HASH.N for each certificate, by the rules of the store's reader.
void add_hash_links(const host::Files& files, const std::string& directory, std::vector<prove::FileEdit>& out) {
  store::AnchorReader reader(files);
  const auto names = files.list(directory);
  std::map<std::string, int> next;
  for (const std::string& name : names ? *names : std::vector<std::string>{}) {
    if (std::ranges::none_of(std::array{".pem", ".crt", ".cer", ".crl"}, [&](const char* end) { return name.ends_with(end); })) continue;
    for (const x509::Certificate& certificate : reader.bundle(directory + "/" + name).anchors) {
      const std::string hash = certificate.subject_hash();
      out.push_back({prove::FileEdit::Kind::kLink, directory + "/" + hash + "." + std::to_string(next[hash]++), name});
      break;  // a file with several certificates is linked by its first (apps/rehash.c)
    }
  }
}

// The file that `path` leads to, written anew.
void repair(const host::Files& files, const std::string& path, std::vector<prove::FileEdit>& out) {
  constexpr std::uint64_t kMaxBundle = 64U << 20;
  const host::Resolved end = host::resolve(files, path);
  const auto bytes = end.error != 0 ? base::Result<host::Bytes>() : files.read(end.path, kMaxBundle);
  if (!bytes || bytes->empty()) return;
  out.push_back({prove::FileEdit::Kind::kWrite, end.path, store::repaired_bundle({reinterpret_cast<const char*>(bytes->data()), bytes->size()})});
}

std::vector<prove::FileEdit> file_edits(const host::Files& files, const findings::Change& change) {
  using enum prove::FileEdit::Kind;
  std::vector<prove::FileEdit> out;
  for (const Edit& edit : change.edits) {
    if (edit.kind == EditKind::kMakeLink) out.push_back({kLink, edit.target, edit.value});
    if (edit.kind == EditKind::kSetMode) out.push_back({kMode, edit.target, edit.value});
    if (edit.kind == EditKind::kWriteFile) out.push_back({kWrite, edit.target, edit.value});
    if (edit.kind == EditKind::kRehash) add_hash_links(files, edit.target, out);
    if (edit.kind == EditKind::kRepairBundle) repair(files, edit.target, out);
  }
  return out;
}

// What we may not look into ourselves does not show what the process would find.
Result<void> lay_over(host::OverlayFiles& files, const std::vector<prove::FileEdit>& edits) {
  for (const prove::FileEdit& edit : edits) {
    if (edit.kind == prove::FileEdit::Kind::kLink) files.make_link(edit.path, edit.value);
    if (edit.kind == prove::FileEdit::Kind::kWrite) files.write_file(edit.path, edit.value);
    if (edit.kind != prove::FileEdit::Kind::kMode) continue;
    TRY_VOID(files.change_mode(edit.path, edit.value));
    if (const auto names = files.list(edit.path); !names && names.error().sys_errno == EACCES) return std::unexpected(names.error());
  }
  return {};
}

Result<std::vector<Der>> certificates(const findings::Change& change, EditKind kind) {
  std::vector<Der> out;
  for (const Edit& edit : change.edits) {
    if (edit.kind != kind) continue;
    TRY(der, x509::decode_base64(edit.value));
    out.push_back(std::move(der));
  }
  return out;
}

Result<std::vector<x509::Certificate>> parsed(const findings::Change& change, EditKind kind) {
  std::vector<x509::Certificate> out;
  TRY(all, certificates(change, kind));
  for (const Der& der : all) {
    TRY(certificate, x509::Certificate::parse(der));
    out.push_back(std::move(certificate));
  }
  return out;
}

std::string text_of(const stacks::Verdict& verdict) {
  if (verdict.native != 0) return x509::verify_error_text(verdict.native);
  if (const std::string_view words = facts::phrase_of(verdict.reason); !words.empty()) return std::string(words);
  std::string out(facts::name_of(verdict.reason));
  std::ranges::replace(out, '_', ' ');
  return out;
}

facts::Reason reason_seen(const facts::Handshake& shake) { return shake.verify ? shake.verify->reason : facts::Reason::kUnknown; }

// The name counts where the process found fault with it, and where it is what is tried. GnuTLS asks for a purpose where it asks for a name.
std::string name_of(const facts::Handshake& shake, const findings::Change& change) {
  if (const Edit* edit = change.find(EditKind::kPeerName)) return edit->value;
  const facts::Reason seen = reason_seen(shake);
  if (seen != facts::Reason::kName && seen != facts::Reason::kPurpose) return "";
  if (!shake.expected_name.empty()) return shake.expected_name;
  return !shake.servername.empty() ? shake.servername : base::parse_endpoint(shake.peer).address;
}

// The checks that the process was seen to make, less those that the change leaves out.
prove::Checks checks_of(const facts::Handshake& shake, const findings::Change& change) {
  const facts::Reason seen = reason_seen(shake);
  return {seen == facts::Reason::kStrict && !change.waives(findings::kStrictness),
          seen == facts::Reason::kNoRevocation && !change.waives(findings::kRevocationCheck),
          seen == facts::Reason::kWeak && !change.waives(findings::kSecurityLevel), !change.waives(findings::kPurposeCheck)};
}

// The chain without what the peer does not send.
template <typename Certificate, typename Bytes>
void drop(std::vector<Certificate>& chain, const std::vector<Der>& dropped, Bytes bytes) {
  std::erase_if(chain, [&](const Certificate& one) { return std::ranges::find(dropped, bytes(one)) != dropped.end(); });
}

bool dates_unchecked(const findings::Change& change) {
  const Edit* time = change.find(EditKind::kTime);
  return time != nullptr && time->value != findings::kNow && !base::seconds_of(time->value);
}

// Seconds for a time, "" for now, the word itself for what is neither.
std::string seconds_or_word(const std::string& time) {
  if (time == findings::kNow) return "";
  const auto seconds = base::seconds_of(time);
  return seconds ? std::to_string(*seconds) : time;
}

Result<Answer> answer_of(const Result<prove::LibraryAnswer>& given) {
  TRY(from, given);
  return Answer{from.ok, from.ok ? facts::Reason::kAccepted : facts::reason_of_openssl(from.code), from.code, from.depth, from.text};
}

}  // namespace

Result<stacks::Judgement> RealLaboratory::judgement(std::int64_t handshake, std::int64_t index, const findings::Change& change) {
  const facts::Stack& stack = analysis_.facts.stacks[static_cast<std::size_t>(index)];
  const facts::Snapshot& process = *analysis_.stacks[static_cast<std::size_t>(index)].process;
  if (!stacks::has_model(stack)) return fail(Code::kUnsupported, "this stack has no model");
  host::OverlayFiles files(*process.files);
  TRY_VOID(lay_over(files, file_edits(*process.files, change)));
  host::Viewpoint as{files, process.who, environment_of(process.process, change)};
  as.at_secure = process.process.at_secure && !change.has(EditKind::kDropPrivileges);
  as.argv = change.applied_to(process.process.command);
  if (const Edit* time = change.find(EditKind::kTime)) as.time = base::seconds_of(time->value).value_or(0);
  std::vector<x509::Certificate> chain;
  std::string name;
  if (handshake >= 0) {
    chain = analysis_.handshakes[static_cast<std::size_t>(handshake)].chain;
    name = name_of(analysis_.facts.handshakes[static_cast<std::size_t>(handshake)], change);
  }
  TRY(more, parsed(change, EditKind::kAddIntermediate));
  std::ranges::copy(more, std::back_inserter(chain));
  TRY(dropped, certificates(change, EditKind::kDropCertificate));
  drop(chain, dropped, [](const x509::Certificate& one) { return one.der(); });
  TRY(anchors, parsed(change, EditKind::kAddAnchor));
  stacks::Otherwise otherwise{anchors,
                              {{}, change.waives(findings::kSecurityLevel), change.waives(findings::kPurposeCheck), dates_unchecked(change)}};
  if (handshake >= 0 && reason_seen(analysis_.facts.handshakes[static_cast<std::size_t>(handshake)]) == facts::Reason::kStrict)
    otherwise.checks.strict = !change.waives(findings::kStrictness);
  stacks::Judgement out = stacks::judge_chain(stack, as, chain, name, &known_, otherwise);
  if (out.trust.unseen_anchors) return fail(Code::kUnsupported, "which certificates the program added to its store was not seen");
  return out;
}

Result<Answer> RealLaboratory::in_model(std::int64_t handshake, std::int64_t stack, const findings::Change& change) {
  const bool chained = handshake >= 0;
  if (chained && analysis_.handshakes[static_cast<std::size_t>(handshake)].chain.empty()) return fail(Code::kNotFound, "the chain was not seen");
  TRY(judged, judgement(handshake, stack, change));
  const stacks::Verdict& verdict = judged.verdict;
  // Without a chain only a store that can't be loaded tells.
  const bool ok = chained ? verdict.accepted() : judged.trust.refusal.empty();
  if (!ok && !judged.trust.refusal.empty()) return Answer{false, facts::Reason::kStoreRefused, 0, 0, judged.trust.refusal};
  return Answer{ok, ok ? facts::Reason::kAccepted : verdict.reason, verdict.native, verdict.depth, ok ? "accepted" : text_of(verdict)};
}

// What the library is given: its default places as the process was set up or under the change; for a program on top of it the anchors
// that the program's model says it loads.
Result<prove::Trial> RealLaboratory::trial(std::int64_t handshake, std::int64_t index, const findings::Change& change) {
  const facts::Stack& stack = analysis_.facts.stacks[static_cast<std::size_t>(index)];
  const LiveStack& live = analysis_.stacks[static_cast<std::size_t>(index)];
  prove::Trial out;
  for (const x509::Certificate& certificate : analysis_.handshakes[static_cast<std::size_t>(handshake)].chain) out.chain.push_back(certificate.der());
  TRY(more, certificates(change, EditKind::kAddIntermediate));
  std::ranges::move(more, std::back_inserter(out.chain));
  TRY(dropped, certificates(change, EditKind::kDropCertificate));
  drop(out.chain, dropped, [](const Der& one) { return one; });
  out.checks = checks_of(analysis_.facts.handshakes[static_cast<std::size_t>(handshake)], change);
  out.name = name_of(analysis_.facts.handshakes[static_cast<std::size_t>(handshake)], change);
  if (const Edit* time = change.find(EditKind::kTime)) out.time = seconds_or_word(time->value);
  out.environment = environment_of(live.process->process, change);
  if ((!stack.base || !stack.loaded.empty()) && stacks::has_model(stack)) {
    TRY(judged, judgement(handshake, index, change));
    if (!judged.trust.refusal.empty()) return fail(Code::kUnsupported, judged.trust.refusal);
    out.default_places = false;
    out.partial_chain = judged.trust.partial_chain;
    for (const x509::Certificate& anchor : judged.trust.anchors) out.anchors.push_back(anchor.der());
    return out;
  }
  TRY(anchors, parsed(change, EditKind::kAddAnchor));
  for (const x509::Certificate& anchor : anchors) {
    out.partial_chain = out.partial_chain || !anchor.self_issued();
    out.anchors.push_back(anchor.der());
  }
  out.edits = file_edits(*live.process->files, change);
  return out;
}

Result<Answer> RealLaboratory::in_library(std::int64_t handshake, std::int64_t stack, const findings::Change& change, bool shake) {
  const LiveStack& live = analysis_.stacks[static_cast<std::size_t>(stack)];
  if (!live.place.crypto) return fail(Code::kUnsupported, "this stack's code can't be run apart from the program");
  const facts::Handshake& seen = analysis_.facts.handshakes[static_cast<std::size_t>(handshake)];
  if (analysis_.handshakes[static_cast<std::size_t>(handshake)].chain.empty() && !shake) return fail(Code::kNotFound, "the chain was not seen");
  if (shake && change.has(EditKind::kAddIntermediate)) return fail(Code::kUnsupported, "the peer sends what it sends");
  TRY(trial, this->trial(handshake, stack, change));
  if (!shake) return answer_of(prove::verify_in_library(live.place, trial));
  const base::Endpoint peer = base::parse_endpoint(seen.peer);
  TRY(socket, base::connect_tcp(peer.address, peer.port, 5000));
  return answer_of(prove::handshake_in_library(live.place, trial, std::move(socket), seen.servername));
}

// An anchor is added by a file that holds what the stack trusts under the change, given by its own variable or option.
Result<findings::Change> RealLaboratory::with_store_of(std::int64_t handshake, std::int64_t index, const findings::Change& change,
                                                       base::TemporaryFile& file) {
  if (!change.has(EditKind::kAddAnchor)) return change;
  const facts::Stack& stack = analysis_.facts.stacks[static_cast<std::size_t>(index)];
  const facts::Knob* knob = stack.knob_for(false);
  if (knob == nullptr || knob->kind == "property") return fail(Code::kUnsupported, "no variable and no option gives this stack a file of anchors");
  TRY(judged, judgement(handshake, index, change));
  std::string text;
  for (const x509::Certificate& anchor : judged.trust.anchors) text += x509::pem_text(anchor.der());
  TRY(path, file.write(text));
  const EditKind kind = knob->kind == "option" ? EditKind::kSetOption : EditKind::kSetVariable;
  return findings::Change{{{kind, knob->name, path}}};
}

Result<Answer> RealLaboratory::in_command(std::int64_t handshake, std::int64_t stack, const findings::Change& change) {
  const facts::Snapshot& process = *analysis_.stacks[static_cast<std::size_t>(stack)].process;
  if (process.process.own_root) return fail(Code::kUnsupported, "the process has a root directory of its own");
  if (change.empty() || rerun_.empty()) return fail(Code::kUnsupported, "there is no change to run the command under");
  if (reruns_left_-- <= 0) return fail(Code::kUnsupported, "the command was run three times already");
  base::TemporaryFile file;
  TRY(made, with_store_of(handshake, stack, change, file));
  const facts::Handshake& seen = analysis_.facts.handshakes[static_cast<std::size_t>(handshake)];
  return run_watched({rerun_, made, file_edits(*process.files, made)}, seen, seen.servername);
}

// A store that the program loads by itself is none of its runtime's.
Result<Answer> RealLaboratory::in_runtime(std::int64_t handshake, std::int64_t index, const findings::Change& change) {
  const facts::Stack& stack = analysis_.facts.stacks[static_cast<std::size_t>(index)];
  const facts::Snapshot& process = *analysis_.stacks[static_cast<std::size_t>(index)].process;
  const facts::Handshake& seen = analysis_.facts.handshakes[static_cast<std::size_t>(handshake)];
  if (!probe_) return fail(Code::kUnsupported, "the peer may not be asked");
  if (process.process.own_root) return fail(Code::kUnsupported, "the process has a root directory of its own");
  if (!stack.loaded.empty() || !seen.via.empty()) return fail(Code::kUnsupported, "the program does what its runtime does not do by itself");
  if (probing_left_ms_ <= 0) return fail(Code::kTimeout, "the peers were asked for five seconds already");
  const Edit* name = change.find(EditKind::kPeerName);
  const std::string servername = name != nullptr ? name->value : seen.servername;
  const base::Endpoint peer = base::parse_endpoint(seen.peer);
  TRY(helpers, prove::helpers_folder());
  auto command = stacks::shake_command(stack, process.process, peer.address, peer.port, servername, helpers);
  if (command.empty()) return fail(Code::kUnsupported, "nothing is known by which this runtime shakes hands by itself");
  base::TemporaryFile file;
  TRY(made, with_store_of(handshake, index, change, file));
  const auto began = std::chrono::steady_clock::now();
  auto out = run_watched({std::move(command), made, file_edits(*process.files, made), process.process.trust_env, process.who, probing_left_ms_}, seen,
                         servername);
  probing_left_ms_ -= static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count());
  return out;
}

// The same of the stack with another library below it.
Result<Answer> RealLaboratory::with_library(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) {
  const std::string path = change.find(EditKind::kOtherLibrary)->target;
  const auto index = static_cast<std::size_t>(stack);
  const host::Files& files = *analysis_.stacks[index].process->files;
  const auto found = stacks::recognise_at(files, path);
  const auto library = std::ranges::find_if(found, &facts::Stack::base);
  if (library == found.end()) return fail(Code::kUnsupported, "no TLS library that is known", path);
  TRY(file, host::open_following(files, path));
  Analysis other = analysis_;
  facts::Stack& changed = other.facts.stacks[index];
  if (changed.base) {
    const facts::Stack before = changed;
    changed = *library;
    changed.pid = before.pid, changed.loaded = before.loaded, changed.own_stores = before.own_stores;
  } else {
    stacks::stand_on(changed, *library);
  }
  other.stacks[index].place.crypto = std::make_shared<base::UniqueFd>(std::move(file));
  other.stacks[index].place.ssl = nullptr;  // the one that was built for it is not looked for
  findings::Change rest = change;
  std::erase_if(rest.edits, [](const Edit& edit) { return edit.kind == EditKind::kOtherLibrary; });
  return RealLaboratory(other, probe_).ask(means, handshake, stack, rest);
}

// Without a handshake: whether the library begins at all.
Result<Answer> RealLaboratory::start(std::int64_t stack, const findings::Change& change) {
  const LiveStack& live = analysis_.stacks[static_cast<std::size_t>(stack)];
  if (!live.place.crypto || !live.place.ssl) return fail(Code::kUnsupported, "no handshake was seen");
  prove::Trial trial;
  trial.environment = environment_of(live.process->process, change);
  trial.edits = file_edits(*live.process->files, change);
  TRY(given, prove::start_in_library(live.place, trial));
  return Answer{given.ok, given.ok ? facts::Reason::kAccepted : facts::Reason::kOther, 0, 0, given.text};
}

Result<Answer> RealLaboratory::ask(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) {
  if (stack < 0 || static_cast<std::size_t>(stack) >= analysis_.stacks.size()) return fail(Code::kNotFound, "the stack is not known");
  if (change.has(EditKind::kOtherLibrary)) return with_library(means, handshake, stack, change);
  if (means == findings::Means::kModel) return in_model(handshake, stack, change);
  if (means == findings::Means::kLibrary && handshake < 0) return start(stack, change);
  if (handshake < 0 || static_cast<std::size_t>(handshake) >= analysis_.handshakes.size()) return fail(Code::kNotFound, "no handshake was seen");
  if (means == findings::Means::kHandshake && !probe_) return fail(Code::kUnsupported, "the peer may not be asked");
  if (means == findings::Means::kCommand) return in_command(handshake, stack, change);
  if (means == findings::Means::kRuntime) return in_runtime(handshake, stack, change);
  return in_library(handshake, stack, change, means == findings::Means::kHandshake);
}

}  // namespace tlswhy::diagnose
