// Each instruction that is carried out for a thread at a breakpoint, against the processor's own step.

#include "observe/registers.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <csignal>
#include <vector>

#include "elf/step.h"
#include "observe/tracee.h"
#include "tests/tracing.h"

namespace tlswhy::observe {
namespace {

#if defined(__x86_64__)

constexpr std::size_t kPage = 4096;
using Code = std::vector<std::uint8_t>;

// A child that only stands there, with one page for code and one for data.
class Standing {
 public:
  ~Standing() { ::munmap(pages_, 2 * kPage); }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }
  [[nodiscard]] std::uint64_t code() const { return reinterpret_cast<std::uintptr_t>(pages_); }
  [[nodiscard]] std::uint64_t data() const { return code() + kPage; }

  // Code at its place, data of a known pattern, registers that point into the middle of it.
  void prepare(const Code& code) const {
    ASSERT_TRUE(write_code(pid(), {this->code()}, code));
    for (std::uint64_t i = 0; i < kPage; i += 8) ASSERT_TRUE(write_word(pid(), {data() + i}, 0x8123456789abcdef ^ (i * 0x0101010101010101)));
    user_regs_struct now{};
    ::ptrace(PTRACE_GETREGS, pid(), nullptr, &now);
    const std::uint64_t middle = data() + kPage / 2;
    now.rip = this->code(), now.rsp = now.rbp = now.rdi = middle, now.r12 = now.r13 = middle + 64;
    now.rax = 0xfedcba9876543210, now.rbx = 0, now.rcx = 0x00000000ffffffff, now.rdx = 1, now.rsi = 0x8000000080000000, now.r8 = now.r9 = ~0ULL;
    now.orig_rax = ~0ULL, now.eflags = 0x246;
    ::ptrace(PTRACE_SETREGS, pid(), nullptr, &now);
  }
  // What became of it: registers, then data.
  [[nodiscard]] std::vector<std::uint64_t> state(bool flags) const {
    constexpr std::uint64_t kAuxiliary = 0x10, kTrap = 0x100;  // AF is undefined behind AND, OR, XOR and TEST
    user_regs_struct now{};
    ::ptrace(PTRACE_GETREGS, pid(), nullptr, &now);
    std::vector<std::uint64_t> out{now.rip, now.rsp, now.rbp, now.rdi, now.rsi, now.rax, now.rbx, now.rcx, now.rdx, now.r8, now.r9, now.r12, now.r13};
    if (flags) out.push_back(now.eflags & ~(kAuxiliary | kTrap));
    for (std::uint64_t i = 0; i < kPage; i += 8) out.push_back(read_word(pid(), {data() + i}).value_or(0));
    return out;
  }

 private:
  std::uint8_t* pages_ =
      static_cast<std::uint8_t*>(::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  TracedChild child_;  // with a copy of them
};

TEST(Registers, CarryOutWhatTheProcessorDoes) {
  const std::vector<Code> all{{0xf3, 0x0f, 0x1e, 0xfa},                    // endbr64
                              {0x0f, 0x1f, 0x00},                          // nop [rax]
                              {0x41, 0x55},                                // push r13
                              {0x48, 0x89, 0xc3},                          // mov rbx, rax
                              {0x89, 0xc3},                                // mov ebx, eax
                              {0xb9, 0xe0, 0x2b, 0xde, 0xf2},              // mov ecx, 0xf2de2be0
                              {0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff},  // mov rax, -1
                              {0x85, 0xc0},                                // test eax, eax
                              {0x48, 0x85, 0xf6},                          // test rsi, rsi
                              {0x48, 0x85, 0xdb},                          // test rbx, rbx
                              {0x31, 0xd2},                                // xor edx, edx
                              {0x48, 0x31, 0xf0},                          // xor rax, rsi
                              {0x83, 0xce, 0x04},                          // or esi, 4
                              {0x48, 0x83, 0xca, 0xff},                    // or rdx, -1
                              {0x83, 0xe0, 0xf0},                          // and eax, -16
                              {0x48, 0x21, 0xf0},                          // and rax, rsi
                              {0x48, 0x83, 0xec, 0x18},                    // sub rsp, 0x18
                              {0x48, 0x83, 0xc4, 0x18},                    // add rsp, 0x18
                              {0x48, 0x81, 0xec, 0x00, 0x01, 0x00, 0x00},  // sub rsp, 0x100
                              {0x48, 0x8b, 0x05, 0xf9, 0x0f, 0x00, 0x00},  // mov rax, [rip+0xff9]
                              {0x8b, 0x05, 0xfa, 0x0f, 0x00, 0x00},        // mov eax, [rip+0xffa]
                              {0x4c, 0x8b, 0x44, 0x24, 0x20},              // mov r8, [rsp+0x20]
                              {0x8b, 0x47, 0xf8},                          // mov eax, [rdi-8]
                              {0x49, 0x8b, 0x0c, 0x24},                    // mov rcx, [r12]
                              {0x89, 0xb7, 0x78, 0x01, 0x00, 0x00},        // mov [rdi+0x178], esi
                              {0x48, 0x89, 0x44, 0x24, 0x08},              // mov [rsp+8], rax
                              {0x48, 0x89, 0x35, 0xf9, 0x0f, 0x00, 0x00},  // mov [rip+0xff9], rsi
                              {0xeb, 0x10},                                // jmp +0x10
                              {0xe9, 0xf0, 0xff, 0xff, 0xff}};             // jmp -0x10
  const Standing child;
  for (const Code& code : all) {
    const elf::Step step = elf::decode_step(code);
    const std::string what = ::testing::PrintToString(code);
    ASSERT_NE(step.kind, elf::Step::Kind::kUnknown) << what;
    // The flags of these are not looked at where breakpoints stand, and left alone.
    const bool flags = step.kind != elf::Step::Kind::kSubtract && step.kind != elf::Step::Kind::kAdd;
    child.prepare(code);
    ASSERT_EQ(::ptrace(PTRACE_SINGLESTEP, child.pid(), nullptr, nullptr), 0);
    ::waitpid(child.pid(), nullptr, 0);
    const auto real = child.state(flags);
    child.prepare(code);
    auto registers = Registers::read(child.pid());
    ASSERT_TRUE(registers);
    ASSERT_TRUE(registers->perform(child.pid(), step, child.code())) << what;
    ASSERT_TRUE(registers->write(child.pid()));
    EXPECT_EQ(child.state(flags), real) << what;
  }
}

TEST(Registers, AnAccessThatFaultsChangesNothing) {
  const Standing child;
  const Code code{0x48, 0x8b, 0x00};  // mov rax, [rax], where nothing is
  child.prepare(code);
  const auto before = child.state(true);
  auto registers = Registers::read(child.pid());
  ASSERT_TRUE(registers);
  EXPECT_FALSE(registers->perform(child.pid(), elf::decode_step(code), child.code()));
  ASSERT_TRUE(registers->write(child.pid()));
  EXPECT_EQ(child.state(true), before);
}

#endif

}  // namespace
}  // namespace tlswhy::observe
