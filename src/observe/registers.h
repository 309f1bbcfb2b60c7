#pragma once
// The registers of a stopped thread, and what the calling conventions put where: System V x86-64 psABI §3.2, AAPCS64
// §6, Go's ABIInternal (src/cmd/compile/abi-internal.md).

#include <sys/types.h>

#if defined(__x86_64__)
#include <sys/user.h>
#elif defined(__aarch64__)
#include <asm/ptrace.h>
#else
#error "tlswhy run knows x86-64 and AArch64"
#endif

#include <cstdint>
#include <span>

#include "base/result.h"
#include "elf/step.h"

namespace tlswhy::observe {

// The instruction that stops a thread with SIGTRAP: int3, brk #0.
std::span<const std::uint8_t> breakpoint_instruction();

class Registers {
 public:
  // Of a thread in a ptrace stop; the errno otherwise.
  static base::Result<Registers> read(pid_t tid);
  base::Result<void> write(pid_t tid) const;

  [[nodiscard]] std::uint64_t instruction() const;
  void set_instruction(std::uint64_t address);
  [[nodiscard]] std::uint64_t stack() const;
  // Where the thread hit a breakpoint: x86-64 stops behind int3, AArch64 at brk.
  [[nodiscard]] std::uint64_t breakpoint() const;
  // Integer argument 0 to 5 at the entry of a C function; 0 beyond.
  [[nodiscard]] std::uint64_t argument(unsigned index) const;
  [[nodiscard]] std::uint64_t result() const;
  // Integer argument or result word 0 to 8 of a Go function (Go 1.17 on x86-64, 1.18 on AArch64).
  [[nodiscard]] std::uint64_t go_word(unsigned index) const;
  // The goroutine that runs.
  [[nodiscard]] std::uint64_t goroutine() const;
  // Where the function just entered will return to.
  [[nodiscard]] base::Result<std::uint64_t> return_address(pid_t tid) const;
  // The stack pointer behind the return of the function just entered.
  [[nodiscard]] std::uint64_t stack_after_return() const;

  // Carries `step`, which stands at `address`, out on these registers and the thread's memory, as the processor would.
  // False when that can't be done: nothing has changed then.
  bool perform(pid_t tid, const elf::Step& step, std::uint64_t address);

 private:
#if defined(__x86_64__)
  [[nodiscard]] unsigned long long& slot(elf::X86Register reg);
  bool access(pid_t tid, const elf::Step& step, std::uint64_t next);
  void set_logic_flags(std::uint64_t value, bool wide);
  user_regs_struct raw_{};
#else
  user_pt_regs raw_{};
#endif
};

}  // namespace tlswhy::observe
