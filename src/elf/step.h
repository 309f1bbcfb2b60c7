#pragma once
// What the one x86-64 instruction under a breakpoint does, for the few kinds that stand at the start of functions and
// behind calls. Those can be carried out on the registers of the stopped thread, so that the breakpoint need not be
// lifted for it: no other thread can slip through meanwhile (Intel SDM volume 2).

#include <cstdint>

#include "bytes/cursor.h"

namespace tlswhy::elf {

enum class X86Register : std::uint8_t { kRax, kRcx, kRdx, kRbx, kRsp, kRbp, kRsi, kRdi, kR8, kR9, kR10, kR11, kR12, kR13, kR14, kR15, kNone };

struct Step {
  enum class Kind : std::uint8_t {
    kUnknown,   // must be stepped by the processor
    kSkip,      // endbr64, nop
    kPush,      // push `to`
    kMove,      // mov `to`, `from`
    kTest,      // test `to`, `from`: flags only
    kXor,       // xor `to`, `from`
    kOr,        // or `to`, `from`
    kAnd,       // and `to`, `from`
    kSubtract,  // sub rsp, `immediate`
    kAdd,       // add rsp, `immediate`
    kLoad,      // mov `to`, [`base` + `immediate`]
    kStore,     // mov [`base` + `immediate`], `from`
    kJump,      // jmp rip + `immediate`
  } kind = Kind::kUnknown;
  std::uint8_t size = 0;  // of the instruction in bytes
  bool wide = true;       // 64 bits; otherwise 32, which zeroes the upper half
  X86Register to = X86Register::kNone;
  X86Register from = X86Register::kNone;  // none: `immediate` is meant
  X86Register base = X86Register::kNone;  // none: the address of the next instruction
  std::int64_t immediate = 0;
};

// Decodes the instruction at the start of `code` (15 bytes are always enough). kUnknown for everything else.
Step decode_step(bytes::View code);

}  // namespace tlswhy::elf
