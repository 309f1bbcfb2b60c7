#include <algorithm>

#include "observe/call_watcher.h"
#include "observe/verify_flags.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kMaxObjects = 1'000;
constexpr std::size_t kMaxWaiting = 64U << 10;  // bytes of a chain whose handshake goes on later

std::size_t total_size(const std::vector<std::vector<std::uint8_t>>& chain) {
  std::size_t out = 0;
  for (const auto& one : chain) out += one.size();
  return out;
}

}  // namespace

CallWatcher::WolfObject& CallWatcher::wolf_object(pid_t pid, std::uint64_t address) {
  if (wolf_objects_.size() >= kMaxObjects) wolf_objects_.clear();  // then nothing is known of them
  return wolf_objects_[{pid, address}];
}

// A session verifies as its context does, until it is told otherwise.
void CallWatcher::wolf_made(const Thread& thread, const Registers& entry, const Registers& now) {
  const bool verifies = wolf_object(thread.pid, entry.argument(0)).verifies;
  if (now.result() != 0) wolf_object(thread.pid, now.result()) = {verifies, {}};
}

// wolfSSL verifies inside its handshake, the leaf last of the chain (src/internal.c, ProcessPeerCerts), and exports none of
// that. A handshake that is done says that the chain was accepted, where it was to be verified at all.
void CallWatcher::wolf_connected(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now) {
  constexpr std::int32_t kSuccess = 1;
  WolfObject& session = wolf_object(thread.pid, entry.argument(0));
  session.parsed = std::exchange(states_[thread.tid].parsed, {});
  if (total_size(session.parsed) > kMaxWaiting) {  // half a chain would be no chain
    session = {};
    events_.blind(thread.pid, "whether wolfSSL accepts a chain of more than 64 KiB is not seen");
  }
  if (static_cast<std::int32_t>(now.result()) != kSuccess || !session.verifies) return;
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  out.accepted = true;
  out.reason = facts::Reason::kAccepted;
  out.mode = "verify";
  out.chain = std::exchange(session.parsed, {});
  std::ranges::reverse(out.chain);
  events_.verified(thread.pid, thread.tid, out);
}

// Why it failed a program asks afterwards, and that is where it is heard.
void CallWatcher::wolf_error(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now) {
  const auto code = static_cast<std::int32_t>(now.result());
  const std::string_view reason = reason_text(library.family, code);
  if (reason.empty()) return;
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  out.code = code;
  out.text = reason;
  out.reason = reason_of(library.family, code, false);
  out.mode = wolf_object(thread.pid, entry.argument(0)).verifies ? "verify" : "";
  out.chain = std::exchange(wolf_object(thread.pid, entry.argument(0)).parsed, {});
  std::ranges::reverse(out.chain);
  events_.verified(thread.pid, thread.tid, out);
}

}  // namespace tlswhy::observe
