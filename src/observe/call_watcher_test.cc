// wolfSSL's calls as a stopped process would make them. What is kept of each session is bounded, as a program may begin
// handshakes without end.

#include "observe/call_watcher.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <numeric>

#include "tests/tracing.h"

namespace tlswhy::observe {
namespace {

#if defined(__x86_64__)

class Verdicts : public NoEvents {
 public:
  void verified(pid_t, pid_t, const Verification& what) override { chains_.push_back(what.chain.size()); }
  void blind(pid_t, const std::string&) override { ++unseen_; }

  std::vector<std::size_t> chains_;  // of each verdict
  int unseen_ = 0;
};

// So that no two certificates out of them are the same.
std::vector<std::uint8_t> different_bytes(std::size_t count) {
  std::vector<std::uint8_t> out(count);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

// A stopped child whose registers are those of a call, with certificates of kSize bytes in its memory.
class Client {
 public:
  static constexpr std::uint64_t kSize = 20U << 10, kContext = 0x1000, kSession = 0x2000;

  Client() {
    library_.family = Family::kWolfSsl;
    call("wolfSSL_CTX_set_verify", {kContext, 1});
  }
  void opens(std::uint64_t session) { call("wolfSSL_new", {kContext}, session); }
  // One call of a handshake of the session, in which it parses so many certificates.
  void connects(unsigned certificates, std::uint64_t result) {
    call("wolfSSL_connect", {kSession}, result, [&] {
      for (unsigned i = 0; i < certificates; ++i) call("InitDecodedCert", {0, reinterpret_cast<std::uintptr_t>(&bytes_[parsed_++]), kSize, 0});
    });
  }
  [[nodiscard]] const std::vector<std::size_t>& chains() const { return verdicts_.chains_; }
  [[nodiscard]] int unseen() const { return verdicts_.unseen_; }

 private:
  Registers registers(std::initializer_list<std::uint64_t> arguments, std::uint64_t result) const {
    user_regs_struct now{};
    ::ptrace(PTRACE_GETREGS, child_.pid(), nullptr, &now);
    unsigned long long* const places[] = {&now.rdi, &now.rsi, &now.rdx, &now.rcx};
    std::ranges::for_each(arguments, [at = places](std::uint64_t one) mutable { **at++ = one; });
    now.rax = result;
    ::ptrace(PTRACE_SETREGS, child_.pid(), nullptr, &now);
    return *Registers::read(child_.pid());
  }
  void call(std::string_view symbol, std::initializer_list<std::uint64_t> arguments, std::uint64_t result = 0,
            const std::function<void()>& inside = {}) {
    const TlsFunction& function = *std::ranges::find(tls_functions(), symbol, &TlsFunction::symbol);
    const Thread thread{child_.pid(), child_.pid(), 0};
    const Registers entry = registers(arguments, 0);
    const bool returns = watcher_.entered(thread, library_, function, entry);
    if (inside) inside();
    if (returns) watcher_.returned(thread, library_, function, entry, registers({}, result));
  }

  Verdicts verdicts_;
  CallWatcher watcher_{verdicts_};
  TlsLibrary library_;
  std::vector<std::uint8_t> bytes_ = different_bytes(kSize + 16);
  unsigned parsed_ = 0;
  TracedChild child_;  // with a copy of those bytes
};

constexpr std::uint64_t kDone = 1, kGoesOn = ~0ULL;

TEST(WolfSsl, AChainMayArriveInTwoCalls) {
  Client client;
  client.opens(Client::kSession);
  client.connects(1, kGoesOn);
  client.connects(1, kDone);
  EXPECT_EQ(client.chains(), std::vector<std::size_t>{2});
}

TEST(WolfSsl, NoMoreThanSoMuchWaitsForTheRestOfAHandshake) {
  Client client;
  client.opens(Client::kSession);
  client.connects(4, kGoesOn);
  client.connects(1, kDone);
  EXPECT_TRUE(client.chains().empty());
  EXPECT_EQ(client.unseen(), 1);
}

TEST(WolfSsl, NothingIsClaimedOfASessionThatIsForgotten) {
  Client client;
  client.opens(Client::kSession);
  for (std::uint64_t i = 1; i <= 1'000; ++i) client.opens(Client::kSession + i);
  client.connects(1, kDone);
  EXPECT_TRUE(client.chains().empty());
}

#endif

}  // namespace
}  // namespace tlswhy::observe
