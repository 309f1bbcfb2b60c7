#include "observe/registers.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "observe/tracee.h"

namespace tlswhy::observe {

using base::Result;

Result<Registers> Registers::read(pid_t tid) {
  Registers out;
  iovec place{&out.raw_, sizeof out.raw_};
  if (::ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &place) != 0) return base::fail_errno(errno, "can't read registers", fmt::format("pid {}", tid));
  return out;
}

Result<void> Registers::write(pid_t tid) const {
  Registers copy = *this;
  iovec place{&copy.raw_, sizeof copy.raw_};
  if (::ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &place) != 0) return base::fail_errno(errno, "can't set registers", fmt::format("pid {}", tid));
  return {};
}

#if defined(__x86_64__)

std::span<const std::uint8_t> breakpoint_instruction() {
  static constexpr std::array<std::uint8_t, 1> kInt3{0xcc};
  return kInt3;
}

std::uint64_t Registers::instruction() const { return raw_.rip; }
void Registers::set_instruction(std::uint64_t address) { raw_.rip = address; }
std::uint64_t Registers::stack() const { return raw_.rsp; }
std::uint64_t Registers::breakpoint() const { return raw_.rip - 1; }
std::uint64_t Registers::result() const { return raw_.rax; }
std::uint64_t Registers::goroutine() const { return raw_.r14; }
std::uint64_t Registers::stack_after_return() const { return raw_.rsp + 8; }

std::uint64_t Registers::argument(unsigned index) const {
  const std::array<std::uint64_t, 6> all{raw_.rdi, raw_.rsi, raw_.rdx, raw_.rcx, raw_.r8, raw_.r9};
  return index < all.size() ? all[index] : 0;
}

std::uint64_t Registers::go_word(unsigned index) const {
  const std::array<std::uint64_t, 9> all{raw_.rax, raw_.rbx, raw_.rcx, raw_.rdi, raw_.rsi, raw_.r8, raw_.r9, raw_.r10, raw_.r11};
  return index < all.size() ? all[index] : 0;
}

Result<std::uint64_t> Registers::return_address(pid_t tid) const { return read_word(tid, {raw_.rsp}); }

unsigned long long& Registers::slot(elf::X86Register reg) {
  switch (reg) {
    case elf::X86Register::kRcx: return raw_.rcx;
    case elf::X86Register::kRdx: return raw_.rdx;
    case elf::X86Register::kRbx: return raw_.rbx;
    case elf::X86Register::kRsp: return raw_.rsp;
    case elf::X86Register::kRbp: return raw_.rbp;
    case elf::X86Register::kRsi: return raw_.rsi;
    case elf::X86Register::kRdi: return raw_.rdi;
    case elf::X86Register::kR8: return raw_.r8;
    case elf::X86Register::kR9: return raw_.r9;
    case elf::X86Register::kR10: return raw_.r10;
    case elf::X86Register::kR11: return raw_.r11;
    case elf::X86Register::kR12: return raw_.r12;
    case elf::X86Register::kR13: return raw_.r13;
    case elf::X86Register::kR14: return raw_.r14;
    case elf::X86Register::kR15: return raw_.r15;
    default: return raw_.rax;
  }
}

// AND, XOR and TEST clear CF and OF and set SF, ZF and PF by the result (Intel SDM volume 1, appendix A).
void Registers::set_logic_flags(std::uint64_t value, bool wide) {
  constexpr std::uint64_t kCarry = 1, kParity = 4, kZero = 0x40, kSign = 0x80, kOverflow = 0x800;
  std::uint64_t flags = raw_.eflags & ~(kCarry | kParity | kZero | kSign | kOverflow);
  if (value == 0) flags |= kZero;
  if (value >> (wide ? 63 : 31) & 1) flags |= kSign;
  if (std::popcount(value & 0xff) % 2 == 0) flags |= kParity;
  raw_.eflags = flags;
}

bool Registers::access(pid_t tid, const elf::Step& step, std::uint64_t next) {
  const RemoteAddress at{(step.base == elf::X86Register::kNone ? next : slot(step.base)) + static_cast<std::uint64_t>(step.immediate)};
  if (step.kind == elf::Step::Kind::kStore) return write_word(tid, at, slot(step.from), step.wide ? 8 : 4).has_value();
  if (step.wide) {
    const auto value = read_word(tid, at);
    if (value) slot(step.to) = *value;
    return value.has_value();
  }
  const auto value = read_half(tid, at);
  if (value) slot(step.to) = *value;
  return value.has_value();
}

bool Registers::perform(pid_t tid, const elf::Step& step, std::uint64_t address) {
  using Kind = elf::Step::Kind;
  const std::uint64_t mask = step.wide ? ~std::uint64_t{0} : 0xffffffff;
  const std::uint64_t next = address + step.size, number = static_cast<std::uint64_t>(step.immediate);
  const std::uint64_t from = (step.from == elf::X86Register::kNone ? number : slot(step.from)) & mask;
  const auto put = [&](std::uint64_t value) { slot(step.to) = value & mask, set_logic_flags(value & mask, step.wide); };
  raw_.rip = next;
  switch (step.kind) {
    case Kind::kSkip: break;
    case Kind::kPush:
      if (!write_word(tid, {raw_.rsp - 8}, slot(step.to))) return raw_.rip = address, false;
      raw_.rsp -= 8;
      break;
    case Kind::kMove: slot(step.to) = from; break;
    case Kind::kTest: set_logic_flags(slot(step.to) & from, step.wide); break;
    case Kind::kXor: put(slot(step.to) ^ from); break;
    case Kind::kOr: put(slot(step.to) | from); break;
    case Kind::kAnd: put(slot(step.to) & from); break;
    case Kind::kSubtract: raw_.rsp -= number; break;
    case Kind::kAdd: raw_.rsp += number; break;
    case Kind::kLoad:
    case Kind::kStore:
      if (!access(tid, step, next)) return raw_.rip = address, false;
      break;
    case Kind::kJump: raw_.rip = next + number; break;
    case Kind::kUnknown: return raw_.rip = address, false;
  }
  return true;
}

#else

std::span<const std::uint8_t> breakpoint_instruction() {
  static constexpr std::array<std::uint8_t, 4> kBrk{0x00, 0x00, 0x20, 0xd4};
  return kBrk;
}

std::uint64_t Registers::instruction() const { return raw_.pc; }
void Registers::set_instruction(std::uint64_t address) { raw_.pc = address; }
std::uint64_t Registers::stack() const { return raw_.sp; }
std::uint64_t Registers::breakpoint() const { return raw_.pc; }
std::uint64_t Registers::result() const { return raw_.regs[0]; }
std::uint64_t Registers::goroutine() const { return raw_.regs[28]; }
std::uint64_t Registers::stack_after_return() const { return raw_.sp; }
std::uint64_t Registers::argument(unsigned index) const { return index < 6 ? raw_.regs[index] : 0; }
std::uint64_t Registers::go_word(unsigned index) const { return index < 9 ? raw_.regs[index] : 0; }
Result<std::uint64_t> Registers::return_address(pid_t) const { return raw_.regs[30]; }
bool Registers::perform(pid_t, const elf::Step&, std::uint64_t) { return false; }

#endif

}  // namespace tlswhy::observe
