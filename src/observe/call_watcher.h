#pragma once
// What a call of a TLS library's function means: reads arguments and results out of the stopped thread and tells the
// Events listener. The library's structures are read by the offsets that its own accessors use.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "observe/events.h"
#include "observe/registers.h"
#include "observe/tls_library.h"

namespace tlswhy::observe {

// Who made the call, and where its library is loaded, less where the file says.
struct Thread {
  pid_t pid = 0, tid = 0;
  std::uint64_t bias = 0;
};

class CallWatcher {
 public:
  explicit CallWatcher(Events& events) : events_(events) {}

  // `thread` stands at the start of `function`. True when its return is wanted.
  bool entered(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& registers);
  // It returns now; `entry`: the registers as it began.
  void returned(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& entry, const Registers& now);
  // `child` has a copy of the memory of `parent`, or shares it.
  void forked(pid_t parent, pid_t child);
  // The thread has ended, or runs another program.
  void forget(pid_t tid);
  // Something that can't be known about `pid`, in a sentence.
  void unseen(pid_t pid, const std::string& what) { events_.blind(pid, what); }

 private:
  static constexpr std::uint64_t kMaxCertificate = 64U << 10;
  using Der = std::vector<std::uint8_t>;
  struct State {
    std::vector<Der> parsed;    // certificates that the thread has parsed lately
    std::vector<Der> peers;     // those that it verifies now
    bool with_chain = true;     // a peer's chain came along
    bool verifying = false;     // with OpenSSL, which adds anchors out of hashed directories meanwhile
    std::string expected_name;  // it asked for last
    std::optional<int> error;   // NSPR's, set while it verifies
  };

  void parsed(const Thread& thread, std::uint64_t address, std::uint64_t size);
  void verify_mode(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& registers);
  void new_session(const Thread& thread, const Registers& entry, const Registers& now);
  [[nodiscard]] std::optional<bool> mode_of(pid_t pid, std::uint64_t object) const;
  [[nodiscard]] std::string openssl_mode(const Thread& thread, std::uint64_t context, const VerifyFields& fields) const;
  [[nodiscard]] std::string common_mode(pid_t pid) const;
  void openssl_error(const Thread& thread, std::uint64_t library, std::uint64_t reason);
  void gnutls_alert(const Thread& thread, const Registers& now);
  void tell_added(const Thread& thread, facts::TrustCall call);
  void begin_verification(const Thread& thread, const TlsLibrary& library, std::uint64_t context);
  void openssl_verified(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now);
  void flags_verified(const Thread& thread, const TlsLibrary& library, std::uint64_t first_argument, std::uint64_t flags_at, const Registers& now);
  // A context or a session of wolfSSL.
  struct WolfObject {
    bool verifies = false;    // as far as is known
    std::vector<Der> parsed;  // during a session's handshake, which may take many calls
  };
  WolfObject& wolf_object(pid_t pid, std::uint64_t address);
  void wolf_made(const Thread& thread, const Registers& entry, const Registers& now);
  void wolf_connected(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now);
  void wolf_error(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now);
  void nss_parsed(const Thread& thread, const Registers& registers);
  void nss_verified(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& entry, const Registers& now);
  void go_verify(const Thread& thread, const TlsLibrary& library, const Registers& entry, const Registers& now);
  void loaded(const Thread& thread, const TlsLibrary& library, const TlsFunction& function, const Registers& entry, std::int64_t result);
  facts::TrustCall describe(const Thread& thread, const TlsLibrary& library, const TlsFunction& function) const;

  Events& events_;
  std::map<pid_t, State> states_;
  std::map<pid_t, unsigned> added_;  // anchors that a process has added to stores by itself, not told yet
  std::map<std::pair<pid_t, std::uint64_t>, WolfObject> wolf_objects_;
  // Contexts, sessions and configurations, and whether they enforce what verification finds, as the process has said.
  std::map<std::pair<pid_t, std::uint64_t>, bool> enforcing_;
};

}  // namespace tlswhy::observe
