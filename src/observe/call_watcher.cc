#include "observe/call_watcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "observe/tracee.h"
#include "observe/verify_flags.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kMaxParsed = 100;  // as many as a chain may have

// The count of a STACK_OF: its first field, an int, since 1.0 (crypto/stack/stack.c); BoringSSL's is a size_t there.
std::optional<std::uint32_t> stack_count(pid_t tid, std::uint64_t stack) {
  if (stack == 0) return 0;
  const auto count = read_half(tid, {stack});
  return count && *count <= 1'000'000 ? std::optional(*count) : std::nullopt;
}

// The value at `object` + `field`, if both are known.
std::optional<std::uint64_t> pointer_field(pid_t tid, std::uint64_t object, std::optional<std::uint32_t> field) {
  if (!field || object == 0) return std::nullopt;
  const auto value = read_word(tid, {object + *field});
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<int> int_field(pid_t tid, std::uint64_t object, std::optional<std::uint32_t> field) {
  if (!field || object == 0) return std::nullopt;
  const auto value = read_half(tid, {object + *field});
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::string text_at(pid_t tid, std::uint64_t address) {
  if (address == 0) return "";
  const auto text = read_string(tid, {address});
  return text ? base::printable(*text) : "";
}

}  // namespace

facts::TrustCall CallWatcher::describe(const Thread& thread, const TlsLibrary& library, const TlsFunction& function) const {
  facts::TrustCall out;
  out.pid = thread.pid;
  out.thread = thread.tid;
  out.library = library.path;
  out.call = function.symbol;
  return out;
}

void CallWatcher::forked(pid_t parent, pid_t child) {
  for (auto at = wolf_objects_.lower_bound({parent, 0}); at != wolf_objects_.end() && at->first.first == parent; ++at)
    wolf_objects_.insert_or_assign({child, at->first.second}, at->second);
  for (auto at = enforcing_.lower_bound({parent, 0}); at != enforcing_.end() && at->first.first == parent; ++at)
    enforcing_.insert_or_assign({child, at->first.second}, at->second);
}

void CallWatcher::forget(pid_t tid) {
  states_.erase(tid);
  added_.erase(tid);
  std::erase_if(wolf_objects_, [&](const auto& one) { return one.first.first == tid; });
  std::erase_if(enforcing_, [&](const auto& one) { return one.first.first == tid; });
}

bool CallWatcher::entered(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& registers) {
  State& state = states_[thread.tid];
  switch (function.call) {
    case Call::kVerify:
      tell_added(thread, describe(thread, library, function));
      begin_verification(thread, library, registers.argument(0));
      break;
    case Call::kAddAnchor: added_[thread.pid] += state.verifying ? 0 : 1; break;
    case Call::kParse:
      if (const auto input = read_word(thread.tid, {registers.argument(1)})) parsed(thread, *input, registers.argument(2));
      break;
    case Call::kGnutlsImport: {
      // gnutls_datum_t: unsigned char *data; unsigned int size (gnutls/gnutls.h).
      const auto data = read_word(thread.tid, {registers.argument(1)});
      const auto size = read_half(thread.tid, {registers.argument(1) + 8});
      if (data && size && registers.argument(2) == 0) parsed(thread, *data, *size);
      break;
    }
    case Call::kExpectName: state.expected_name = text_at(thread.tid, registers.argument(1)); break;
    case Call::kGnutlsVerify: state.parsed.clear(), state.peers.clear(); break;  // it parses the peer's chain anew
    case Call::kGnutlsVerifyList:
      // What it parses from here on are anchors.
      if (state.parsed.size() > registers.argument(2))
        state.parsed.erase(state.parsed.begin(), state.parsed.end() - static_cast<std::ptrdiff_t>(registers.argument(2)));
      state.peers = state.parsed;
      break;
    case Call::kVerifyMode:
    case Call::kGnutlsVerifyMode:
    case Call::kMbedVerifyMode: verify_mode(thread, library, function, registers); break;
    case Call::kError: openssl_error(thread, registers.argument(0), registers.argument(1)); break;
    case Call::kErrorBefore3: openssl_error(thread, registers.argument(0), registers.argument(2)); break;
    case Call::kWolfConnect: state.parsed = std::exchange(wolf_object(thread.pid, registers.argument(0)).parsed, {}); break;
    case Call::kWolfImport: parsed(thread, registers.argument(1), registers.argument(2)); break;
    case Call::kNssImport: nss_parsed(thread, registers); break;
    case Call::kNssVerify:
      state.peers = std::exchange(state.parsed, {});
      state.error.reset();
      break;
    case Call::kNssName: state.error.reset(); break;
    case Call::kNssError: state.error = static_cast<std::int32_t>(registers.argument(0)); break;
    case Call::kGnutlsAlert:
      events_.alert_sent(thread.pid, thread.tid, static_cast<std::uint8_t>(registers.argument(1)), static_cast<std::uint8_t>(registers.argument(2)));
      break;
    case Call::kGoAlert: {
      // Warnings are close_notify and user_canceled only (crypto/tls/conn.go, sendAlertLocked).
      const auto code = static_cast<std::uint8_t>(registers.go_word(1));
      if (code != 0) events_.alert_sent(thread.pid, thread.tid, 2, code);
      break;
    }
    case Call::kGoAlertText: events_.alert_received(thread.pid, thread.tid, static_cast<std::uint8_t>(registers.go_word(0))); break;
    case Call::kGoSystemRoots: loaded(thread, library, function, registers, 1); break;
    default: break;
  }
  return function.returns;
}

void CallWatcher::returned(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& entry,
                           const Registers& now) {
  switch (function.call) {
    case Call::kVerify: return openssl_verified(thread, library, entry, now);
    case Call::kNewSession: return new_session(thread, entry, now);
    case Call::kGnutlsAlertGot: return gnutls_alert(thread, now);
    case Call::kGnutlsVerify: return flags_verified(thread, library, entry.argument(0), entry.argument(3), now);
    case Call::kMbedVerify: return flags_verified(thread, library, entry.argument(0), entry.argument(5), now);
    case Call::kWolfNew: return wolf_made(thread, entry, now);
    case Call::kWolfConnect: return wolf_connected(thread, library, entry, now);
    case Call::kWolfError: return wolf_error(thread, library, entry, now);
    case Call::kNssVerify:
    case Call::kNssName: return nss_verified(thread, library, function, entry, now);
    case Call::kGoVerify: return go_verify(thread, library, entry, now);
    default: return loaded(thread, library, function, entry, static_cast<std::int32_t>(now.result()));
  }
}

void CallWatcher::parsed(const Thread& thread, std::uint64_t address, std::uint64_t size) {
  if (size == 0 || size > kMaxCertificate) return;
  auto der = read_memory(thread.tid, {address}, size);
  if (!der || der->size() != size) return;
  std::vector<Der>& all = states_[thread.tid].parsed;
  if (std::ranges::find(all, *der) != all.end()) std::erase(all, *der);  // parsed again: it counts where it stands last
  if (all.size() >= kMaxParsed) all.erase(all.begin());
  all.push_back(std::move(*der));
}

// What the argument says: SSL_VERIFY_PEER is a bit (openssl/ssl.h); MBEDTLS_SSL_VERIFY_REQUIRED is 2, 1 lets a refused chain pass
// (mbedtls/ssl.h). A session of GnuTLS that is told a name verifies by itself.
void CallWatcher::verify_mode(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& registers) {
  constexpr std::size_t kMaxObjects = 1'000;
  constexpr std::uint64_t kRequired = 2;
  const std::uint64_t mode = registers.argument(1);
  bool verifies = (mode & 1) != 0;
  if (function.call == Call::kMbedVerifyMode) verifies = (mode & 0xff) >= kRequired;
  if (function.call == Call::kGnutlsVerifyMode) verifies = true;
  if (library.family == Family::kWolfSsl) wolf_object(thread.pid, registers.argument(0)).verifies = verifies;
  if (enforcing_.size() >= kMaxObjects) enforcing_.clear();  // then nothing is known of them
  enforcing_[{thread.pid, registers.argument(0)}] = verifies;
  facts::TrustCall call = describe(thread, library, function);
  call.arguments = {verifies ? "verify" : "do not verify"};
  events_.trust_call(call);
}

// A session does as its context does, until it is told otherwise.
void CallWatcher::new_session(const Thread& thread, const Registers& entry, const Registers& now) {
  const auto mode = mode_of(thread.pid, entry.argument(0));
  if (mode)
    enforcing_[{thread.pid, now.result()}] = *mode;
  else
    enforcing_.erase({thread.pid, now.result()});
}

std::optional<bool> CallWatcher::mode_of(pid_t pid, std::uint64_t object) const {
  const auto entry = enforcing_.find({pid, object});
  return entry == enforcing_.end() ? std::nullopt : std::optional(entry->second);
}

// Of the session that verifies, which libssl has attached to the context (SSL_get_ex_data_X509_STORE_CTX_idx(3)). CRYPTO_EX_DATA is a
// stack, since 3.0 after a pointer (openssl/crypto.h); a stack is a count and an array (crypto/stack/stack.c).
std::string CallWatcher::openssl_mode(const Thread& thread, std::uint64_t context, const VerifyFields& fields) const {
  constexpr std::uint32_t kMostAttached = 16;
  for (const std::uint64_t at : {0U, 8U}) {
    if (!fields.ex_data) break;
    const std::uint64_t stack = read_word(thread.tid, {context + *fields.ex_data + at}).value_or(0);
    const std::uint64_t items = stack != 0 ? read_word(thread.tid, {stack + 8}).value_or(0) : 0;
    const std::uint32_t count = items != 0 ? stack_count(thread.tid, stack).value_or(0) : 0;
    for (std::uint32_t i = 0; i < std::min(count, kMostAttached); ++i) {
      const auto item = read_word(thread.tid, {items + std::uint64_t{8} * i});
      const auto mode = item ? mode_of(thread.pid, *item) : std::nullopt;
      if (mode) return *mode ? "verify" : "none";
    }
  }
  return common_mode(thread.pid);
}

// What all objects of the process say alike.
std::string CallWatcher::common_mode(pid_t pid) const {
  std::optional<bool> out;
  for (auto at = enforcing_.lower_bound({pid, 0}); at != enforcing_.end() && at->first.first == pid; ++at) {
    if (out && *out != at->second) return "";
    out = at->second;
  }
  if (!out) return "";
  return *out ? "verify" : "none";
}

// An alert that was read becomes an error of libssl with its number above 1000 (SSL_AD_REASON_OFFSET; ERR_LIB_SSL is 20, BoringSSL's 16).
void CallWatcher::openssl_error(const Thread& thread, std::uint64_t library, std::uint64_t reason) {
  constexpr std::uint32_t kSsl = 20, kBoringSsl = 16, kAlerts = 1000, kMostAlerts = 256;
  const auto from = static_cast<std::uint32_t>(library), number = static_cast<std::uint32_t>(reason);
  if ((from != kSsl && from != kBoringSsl) || number < kAlerts || number >= kAlerts + kMostAlerts) return;
  events_.alert_received(thread.pid, thread.tid, static_cast<std::uint8_t>(number - kAlerts));
}

// Asked by a program that has got one. Some are no more than warnings (RFC 5246 §7.2, RFC 6066 §3).
void CallWatcher::gnutls_alert(const Thread& thread, const Registers& now) {
  constexpr std::array<std::uint64_t, 4> kWarnings{0, 90, 100, 112};
  const std::uint64_t code = now.result() & 0xffff'ffff;
  if (code < 256 && std::ranges::find(kWarnings, code) == kWarnings.end())
    events_.alert_received(thread.pid, thread.tid, static_cast<std::uint8_t>(code));
}

// One call for all of them: a program that fills a store by itself adds a hundred.
void CallWatcher::tell_added(const Thread& thread, facts::TrustCall call) {
  const auto added = added_.extract(thread.pid);
  if (added.empty() || added.mapped() == 0) return;
  call.call = "X509_STORE_add_cert";
  call.arguments = {fmt::format("{} certificate{}", added.mapped(), added.mapped() == 1 ? "" : "s")};
  call.result = 1;
  events_.trust_call(call);
}

// The chain as the peer sent it: as many of the certificates just parsed as the context is given. Taken as verification
// begins: what is parsed inside are anchors out of a hashed directory.
void CallWatcher::begin_verification(const Thread& thread, const TlsLibrary& library, std::uint64_t context) {
  State& state = states_[thread.tid];
  state.verifying = true;
  std::size_t count = state.parsed.size();
  state.with_chain = true;
  if (const auto untrusted = pointer_field(thread.tid, context, library.fields().untrusted)) {
    const auto came = stack_count(thread.tid, *untrusted);
    count = std::min<std::size_t>(count, came.value_or(static_cast<std::uint32_t>(count)));
    state.with_chain = came != 0U;
  }
  state.peers.assign(state.parsed.end() - static_cast<std::ptrdiff_t>(count), state.parsed.end());
  state.parsed.clear();
}

void CallWatcher::openssl_verified(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now) {
  const std::uint64_t context = entry.argument(0);
  const VerifyFields& fields = library.fields();
  State& state = states_[thread.tid];
  state.verifying = false;
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  out.expected_name = std::exchange(state.expected_name, "");
  out.accepted = static_cast<std::int32_t>(now.result()) > 0;
  out.code = int_field(thread.tid, context, fields.error);
  out.depth = int_field(thread.tid, context, fields.depth).value_or(0);
  out.reason = reason_of(library.family, out.code, out.accepted);
  // Where its callback lets a refused chain pass, the library enforces nothing.
  out.mode = out.accepted && out.code.value_or(0) != 0 ? "none" : openssl_mode(thread, context, fields);
  out.subject = pointer_field(thread.tid, context, fields.certificate).value_or(0);
  out.with_chain = state.with_chain;
  out.store = pointer_field(thread.tid, context, fields.store).value_or(0);
  if (const auto store = pointer_field(thread.tid, context, fields.store))
    if (const auto objects = pointer_field(thread.tid, *store, fields.objects)) out.anchors = stack_count(thread.tid, *objects);
  out.chain = std::exchange(state.peers, {});
  events_.verified(thread.pid, thread.tid, out);
}

// GnuTLS and mbedTLS give a set of flags, 0 for a chain that is trusted (gnutls_certificate_status_t, MBEDTLS_X509_BADCERT_*).
void CallWatcher::flags_verified(const Thread& thread, const TlsLibrary& library, std::uint64_t first_argument, std::uint64_t flags_at,
                                 const Registers& now) {
  State& state = states_[thread.tid];
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  const auto flags = read_half(thread.tid, {flags_at});
  const auto session = library.family == Family::kGnuTls ? mode_of(thread.pid, first_argument) : std::nullopt;
  out.mode = session ? "verify" : library.family == Family::kMbedTls ? common_mode(thread.pid) : "";
  if (flags) out.code = static_cast<int>(*flags);
  out.accepted = now.result() == 0 && flags && *flags == 0;
  if (flags) out.text = flags_text(library.family, *flags);
  out.reason = reason_of(library.family, out.code, out.accepted);
  out.chain = std::exchange(state.peers, {});
  state.parsed.clear();
  if (library.family == Family::kMbedTls) out.chain.clear();
  events_.verified(thread.pid, thread.tid, out);
}

void CallWatcher::go_verify(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now) {
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  // x509.Certificate begins with Raw []byte: address, length (crypto/x509/x509.go).
  const auto raw = read_word(thread.tid, {entry.go_word(0)});
  const auto size = read_word(thread.tid, {entry.go_word(0) + 8});
  if (raw && size && *size <= kMaxCertificate)
    if (auto der = read_memory(thread.tid, {*raw}, *size)) out.chain.push_back(std::move(*der));
  // Results: a slice in three words, then the error as its type and value.
  out.accepted = now.go_word(3) == 0;
  out.reason = out.accepted ? facts::Reason::kAccepted : facts::Reason::kUnknown;
  if (!out.accepted && library.go) {
    const auto read = [&](std::uint64_t address, std::size_t count) { return read_memory(thread.tid, {address}, count); };
    const GoError error = library.go->describe_error(now.go_word(3), now.go_word(4), thread.bias, read);
    out.code = error.code;
    out.text = error.text;
    out.reason = error.reason;
  }
  events_.verified(thread.pid, thread.tid, out);
}

void CallWatcher::loaded(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& entry, std::int64_t result) {
  facts::TrustCall call = describe(thread, library, function);
  call.result = result;
  const bool fills = function.call != Call::kContextDefault && function.call != Call::kKeyFile && function.call != Call::kKey;
  if (library.family == Family::kOpenSsl && fills) call.store = entry.argument(0);
  switch (function.call) {
    case Call::kLoadLocations:
      for (const unsigned index : {1U, 2U}) call.arguments.push_back(text_at(thread.tid, entry.argument(index)));
      break;
    case Call::kGnutlsKeyFile:
      for (const unsigned index : {1U, 2U}) call.arguments.push_back(text_at(thread.tid, entry.argument(index)));
      if (result >= 0) call.result = 1;  // 0, or the index of the pair
      break;
    case Call::kKeyFile:
    case Call::kLoadFile:
    case Call::kLoadDirectory:
    case Call::kLoadStore:
    case Call::kGnutlsTrustFile:
    case Call::kGnutlsTrustDirectory: call.arguments.push_back(text_at(thread.tid, entry.argument(1))); break;
    default: break;
  }
  events_.trust_call(call);
}

}  // namespace tlswhy::observe
