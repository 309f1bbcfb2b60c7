#include "elf/step.h"

#include <array>

#include "elf/listing.h"

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

Step::Kind kind_of(unsigned instruction) {
  switch (instruction) {
    case X86_INS_ENDBR64:
    case X86_INS_NOP: return Step::Kind::kSkip;
    case X86_INS_PUSH: return Step::Kind::kPush;
    case X86_INS_MOV: return Step::Kind::kMove;
    case X86_INS_TEST: return Step::Kind::kTest;
    case X86_INS_XOR: return Step::Kind::kXor;
    case X86_INS_OR: return Step::Kind::kOr;
    case X86_INS_AND: return Step::Kind::kAnd;
    case X86_INS_SUB: return Step::Kind::kSubtract;
    case X86_INS_ADD: return Step::Kind::kAdd;
    case X86_INS_JMP: return Step::Kind::kJump;
    default: return Step::Kind::kUnknown;
  }
}

// [base + displacement], without index or segment: other segments have a base that the registers don't show.
bool take_memory(const cs_x86_op& operand, Step& out) {
  const x86_op_mem& memory = operand.mem;
  if (operand.type != X86_OP_MEM || memory.index != X86_REG_INVALID || memory.segment != X86_REG_INVALID) return false;
  const Name base = name_of(static_cast<unsigned>(memory.base));
  if (memory.base != X86_REG_RIP && (base.number == X86Register::kNone || !base.wide)) return false;
  out.base = base.number;
  out.immediate = memory.disp;
  return true;
}

// A register as wide as `out`, or a number.
bool take_source(const cs_x86_op& operand, Step& out) {
  if (operand.type == X86_OP_IMM) out.immediate = operand.imm;
  if (operand.type != X86_OP_REG) return operand.type == X86_OP_IMM;
  const Name from = name_of(operand.reg);
  out.from = from.number;
  return from.number != X86Register::kNone && from.wide == out.wide;
}

bool take_store(const cs_x86& x86, Step& out) {
  const Name from = x86.operands[1].type == X86_OP_REG ? name_of(x86.operands[1].reg) : Name{};
  out.from = from.number, out.wide = from.wide;
  return from.number != X86Register::kNone && take_memory(x86.operands[0], out);
}

bool take_operands(const cs_x86& x86, Step::Kind& kind, Step& out) {
  using enum Step::Kind;
  if (kind == kSkip) return true;
  if (kind == kUnknown || x86.op_count == 0) return false;
  if (kind == kJump) return take_source(x86.operands[0], out) && out.from == X86Register::kNone;
  if (kind == kMove && x86.op_count == 2 && x86.operands[0].type == X86_OP_MEM) return kind = kStore, take_store(x86, out);
  const Name to = x86.operands[0].type == X86_OP_REG ? name_of(x86.operands[0].reg) : Name{};
  if (to.number == X86Register::kNone) return false;
  out.to = to.number, out.wide = to.wide;
  if (kind == kPush) return to.wide;
  if (x86.op_count != 2) return false;
  if (kind == kMove && x86.operands[1].type == X86_OP_MEM) return kind = kLoad, take_memory(x86.operands[1], out);
  if (!take_source(x86.operands[1], out)) return false;
  // Their flags are those of a sum: only rsp as functions begin and calls are cleaned up after, where none is looked at.
  return (kind != kSubtract && kind != kAdd) || (to.number == X86Register::kRsp && out.from == X86Register::kNone);
}

Step step_of(const cs_insn& instruction) {
  Step out;
  out.size = static_cast<std::uint8_t>(instruction.size);
  Step::Kind kind = kind_of(instruction.id);
  if (take_operands(instruction.detail->x86, kind, out)) out.kind = kind;
  if (kind == Step::Kind::kJump) out.immediate -= out.size;  // decoded as if it stood at address 0
  return out;
}

}  // namespace

Step decode_step(bytes::View code) {
  const Listing listing(Machine::kX86_64, code, 0, 1);
  return listing.instructions().empty() ? Step{} : step_of(listing.instructions().front());
}

}  // namespace tlswhy::elf
