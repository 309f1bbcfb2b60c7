#include "elf/step.h"

#include <capstone/capstone.h>

#include <array>
#include <utility>

namespace tlswhy::elf {
namespace {

struct Name {
  X86Register number = X86Register::kNone;
  bool wide = true;
};

Name name_of(unsigned reg) {
  using enum X86Register;
  constexpr std::array<std::array<unsigned, 2>, 16> kNames{{{X86_REG_RAX, X86_REG_EAX},
                                                            {X86_REG_RCX, X86_REG_ECX},
                                                            {X86_REG_RDX, X86_REG_EDX},
                                                            {X86_REG_RBX, X86_REG_EBX},
                                                            {X86_REG_RSP, X86_REG_ESP},
                                                            {X86_REG_RBP, X86_REG_EBP},
                                                            {X86_REG_RSI, X86_REG_ESI},
                                                            {X86_REG_RDI, X86_REG_EDI},
                                                            {X86_REG_R8, X86_REG_R8D},
                                                            {X86_REG_R9, X86_REG_R9D},
                                                            {X86_REG_R10, X86_REG_R10D},
                                                            {X86_REG_R11, X86_REG_R11D},
                                                            {X86_REG_R12, X86_REG_R12D},
                                                            {X86_REG_R13, X86_REG_R13D},
                                                            {X86_REG_R14, X86_REG_R14D},
                                                            {X86_REG_R15, X86_REG_R15D}}};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    for (const bool wide : {true, false})
      if (kNames[i][wide ? 0 : 1] == reg) return {static_cast<X86Register>(i), wide};
  return {};
}

Step::Kind kind_of(const cs_insn& instruction) {
  switch (instruction.id) {
    case X86_INS_ENDBR64:
    case X86_INS_NOP: return Step::Kind::kSkip;
    case X86_INS_PUSH: return Step::Kind::kPush;
    case X86_INS_MOV: return Step::Kind::kMove;
    case X86_INS_TEST: return Step::Kind::kTest;
    case X86_INS_XOR: return Step::Kind::kXor;
    case X86_INS_SUB: return Step::Kind::kSubtract;
    default: return Step::Kind::kUnknown;
  }
}

Step step_of(const cs_insn& instruction) {
  Step out;
  out.size = static_cast<std::uint8_t>(instruction.size);
  const Step::Kind kind = kind_of(instruction);
  if (kind == Step::Kind::kSkip) out.kind = kind;
  const cs_x86& x86 = instruction.detail->x86;
  if (kind == Step::Kind::kUnknown || kind == Step::Kind::kSkip || x86.op_count == 0 || x86.operands[0].type != X86_OP_REG) return out;
  const Name to = name_of(x86.operands[0].reg);
  out.to = to.number, out.wide = to.wide;
  if (to.number == X86Register::kNone) return out;
  if (kind == Step::Kind::kPush) {
    if (to.wide) out.kind = kind;
    return out;
  }
  if (x86.op_count != 2) return out;
  if (kind == Step::Kind::kSubtract) {
    out.immediate = x86.operands[1].imm;
    if (x86.operands[1].type == X86_OP_IMM && to.wide) out.kind = kind;
    return out;
  }
  const x86_op_mem& memory = x86.operands[1].mem;
  if (kind == Step::Kind::kMove && x86.operands[1].type == X86_OP_MEM && memory.base == X86_REG_RIP && memory.index == X86_REG_INVALID && to.wide) {
    out.immediate = memory.disp;
    out.kind = Step::Kind::kLoad;
    return out;
  }
  const Name from = x86.operands[1].type == X86_OP_REG ? name_of(x86.operands[1].reg) : Name{};
  if (from.number == X86Register::kNone || from.wide != to.wide) return out;
  out.from = from.number;
  out.kind = kind;
  return out;
}

}  // namespace

Step decode_step(bytes::View code) {
  csh handle = 0;
  if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) return {};
  cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
  cs_insn* list = nullptr;
  const std::size_t count = cs_disasm(handle, code.data(), code.size(), 0, 1, &list);
  const Step out = count == 1 ? step_of(list[0]) : Step{};
  if (count > 0) cs_free(list, count);
  cs_close(&handle);
  return out;
}

}  // namespace tlswhy::elf
