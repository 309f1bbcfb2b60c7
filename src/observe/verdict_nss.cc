#include "observe/call_watcher.h"
#include "observe/tracee.h"
#include "observe/verify_flags.h"

namespace tlswhy::observe {
namespace {

// Address and size of what a SECItem holds (seccomon.h: type, address, length).
std::optional<std::pair<std::uint64_t, std::uint64_t>> nss_item(pid_t tid, std::uint64_t address) {
  const auto data = read_word(tid, {address + 8});
  const auto size = read_half(tid, {address + 16});
  return data && size ? std::optional(std::pair<std::uint64_t, std::uint64_t>(*data, *size)) : std::nullopt;
}

}  // namespace

void CallWatcher::nss_parsed(const Thread& thread, const Registers& registers) {
  if (const auto item = nss_item(thread.tid, registers.argument(1))) parsed(thread, item->first, item->second);
}

// SSL_AuthCertificate() asks both, the chain first (lib/ssl/sslauth.c); the last error that is set meanwhile is why. CERTCertificate is public
// (certt.h): three pointers, the signed data of 96 bytes, then the item of the certificate's DER.
void CallWatcher::nss_verified(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& entry,
                               const Registers& now) {
  constexpr std::uint64_t kDer = 120;
  State& state = states_[thread.tid];
  const bool name = function.call == Call::kNssName;
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  out.accepted = static_cast<std::int32_t>(now.result()) == 0;
  if (name && out.accepted) return;  // the chain's verdict stands
  if (!out.accepted) {
    out.code = std::exchange(state.error, std::nullopt);
    out.text = reason_text(library.family, out.code.value_or(0));
    if (out.text.empty()) out.text = name ? "the name does not match" : "the chain is refused";
  }
  out.reason = name && !out.code ? facts::Reason::kName : reason_of(library.family, out.code, out.accepted);
  // The chain as it was sent begins with the certificate in question; without the peer's own words there is that one.
  const auto item = nss_item(thread.tid, entry.argument(name ? 0 : 1) + kDer);
  if (item && item->second <= kMaxCertificate)
    if (auto der = read_memory(thread.tid, {item->first}, item->second)) out.chain.push_back(std::move(*der));
  if (!out.chain.empty() && !state.peers.empty() && state.peers.front() == out.chain.front()) out.chain = state.peers;
  events_.verified(thread.pid, thread.tid, out);
}

}  // namespace tlswhy::observe
