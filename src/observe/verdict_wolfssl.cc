#include <algorithm>

#include "observe/call_watcher.h"
#include "observe/verify_flags.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kMaxObjects = 10'000;

}  // namespace

// wolfSSL_CTX_new() begins with a context that does not verify where wolfSSL was built to be compatible with OpenSSL.
void CallWatcher::set_careless(pid_t pid, std::uint64_t object, bool careless) {
  if (careless && careless_.size() < kMaxObjects)
    careless_.emplace(pid, object);
  else
    careless_.erase({pid, object});
}

// wolfSSL verifies inside its handshake, the leaf last of the chain (src/internal.c, ProcessPeerCerts), and exports none of that.
void CallWatcher::wolf_connected(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now) {
  constexpr std::int32_t kSuccess = 1;
  if (static_cast<std::int32_t>(now.result()) != kSuccess) return;  // wolf_error() tells, or it is called again
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  out.accepted = true;
  out.chain = std::exchange(states_[thread.tid].parsed, {});
  std::ranges::reverse(out.chain);
  if (!careless_.contains({thread.pid, entry.argument(0)})) events_.verified(thread.pid, thread.tid, out);
}

// Why it failed a program asks afterwards, and that is where it is heard.
void CallWatcher::wolf_error(const Thread& thread, const TlsLibrary& library, const Registers& now) {
  const auto code = static_cast<std::int32_t>(now.result());
  const std::string_view reason = reason_text(library.family, code);
  if (reason.empty()) return;
  Verification out;
  out.library = library.path;
  out.stack = family_name(library.family);
  out.code = code;
  out.text = reason;
  out.chain = std::exchange(states_[thread.tid].parsed, {});
  std::ranges::reverse(out.chain);
  events_.verified(thread.pid, thread.tid, out);
}

}  // namespace tlswhy::observe
