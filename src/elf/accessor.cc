#include "elf/accessor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "elf/listing.h"

namespace tlswhy::elf {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::uint64_t kMaxCode = 64;  // bytes; the accessors are 8 to 16 long
constexpr std::size_t kMaxInstructions = 8;

// A frame that -fno-omit-frame-pointer sets up and takes down.
bool is_frame(const cs_insn& instruction) {
  const cs_x86& x86 = instruction.detail->x86;
  if (instruction.id == X86_INS_PUSH || instruction.id == X86_INS_POP) return x86.operands[0].reg == X86_REG_RBP;
  return instruction.id == X86_INS_MOV && x86.operands[0].reg == X86_REG_RBP && x86.operands[1].reg == X86_REG_RSP;
}

// "lea rax, [rip+x]", or "mov eax, x" in a program with fixed addresses, then "ret"; "endbr64" (-fcf-protection) and a
// frame around it allowed.
std::optional<std::uint64_t> decode_x86(std::span<const cs_insn> code) {
  std::optional<std::uint64_t> address;
  for (const cs_insn& instruction : code) {
    if (instruction.id == X86_INS_ENDBR64 || instruction.id == X86_INS_NOP) continue;
    if (instruction.id == X86_INS_RET) return address;
    const cs_x86& x86 = instruction.detail->x86;
    if (is_frame(instruction)) continue;
    const bool moved = instruction.id == X86_INS_MOV && x86.operands[1].type == X86_OP_IMM &&
                       (x86.operands[0].reg == X86_REG_EAX || x86.operands[0].reg == X86_REG_RAX);
    if (moved) {
      address = static_cast<std::uint64_t>(x86.operands[1].imm);
      continue;
    }
    if (instruction.id != X86_INS_LEA || x86.operands[0].reg != X86_REG_RAX || x86.operands[1].mem.base != X86_REG_RIP) return std::nullopt;
    address = instruction.address + instruction.size + static_cast<std::uint64_t>(x86.operands[1].mem.disp);
  }
  return std::nullopt;
}

// "adrp x0, page; add x0, x0, offset; ret", or "adr x0, address; ret"; "bti c" before it allowed.
std::optional<std::uint64_t> decode_aarch64(std::span<const cs_insn> code) {
  std::optional<std::uint64_t> address;
  for (const cs_insn& instruction : code) {
    const cs_arm64& arm = instruction.detail->arm64;
    switch (instruction.id) {
      case ARM64_INS_HINT:
      case ARM64_INS_NOP: continue;
      case ARM64_INS_RET: return address;
      case ARM64_INS_ADRP:
      case ARM64_INS_ADR:
        if (arm.operands[0].reg != ARM64_REG_X0) return std::nullopt;
        address = static_cast<std::uint64_t>(arm.operands[1].imm);
        continue;
      case ARM64_INS_ADD:
        if (!address || arm.operands[0].reg != ARM64_REG_X0 || arm.operands[1].reg != ARM64_REG_X0 || arm.operands[2].type != ARM64_OP_IMM)
          return std::nullopt;
        address = *address + static_cast<std::uint64_t>(arm.operands[2].imm);
        continue;
      default: return std::nullopt;
    }
  }
  return std::nullopt;
}

// "mov w0, low; movk w0, high, lsl 16; ret".
std::optional<std::uint64_t> number_aarch64(std::span<const cs_insn> code) {
  std::optional<std::uint64_t> number;
  for (const cs_insn& instruction : code) {
    const cs_arm64& arm = instruction.detail->arm64;
    if (instruction.id == ARM64_INS_HINT || instruction.id == ARM64_INS_NOP) continue;
    if (instruction.id == ARM64_INS_RET) return number;
    const bool moves = instruction.id == ARM64_INS_MOV || instruction.id == ARM64_INS_MOVZ || instruction.id == ARM64_INS_MOVK;
    if (!moves || arm.operands[0].reg != ARM64_REG_W0 || arm.operands[1].type != ARM64_OP_IMM) return std::nullopt;
    const auto part = static_cast<std::uint64_t>(arm.operands[1].imm) << arm.operands[1].shift.value;
    number = instruction.id == ARM64_INS_MOVK ? number.value_or(0) | part : part;
  }
  return std::nullopt;
}

// The displacement of the load into rax or eax from [rdi+x] that comes before anything else of weight.
std::optional<std::uint32_t> field_x86(std::span<const cs_insn> code) {
  for (const cs_insn& instruction : code) {
    const cs_x86& x86 = instruction.detail->x86;
    if (instruction.id == X86_INS_ENDBR64 || instruction.id == X86_INS_NOP || instruction.id == X86_INS_TEST || instruction.id == X86_INS_JE)
      continue;
    if (instruction.id == X86_INS_XOR && x86.operands[0].reg != X86_REG_RDI && x86.operands[0].reg != X86_REG_EDI) continue;
    const bool loads = instruction.id == X86_INS_MOV && x86.op_count == 2 && x86.operands[1].type == X86_OP_MEM;
    if (!loads || (x86.operands[0].reg != X86_REG_EAX && x86.operands[0].reg != X86_REG_RAX)) return std::nullopt;
    const x86_op_mem& from = x86.operands[1].mem;
    if (from.base != X86_REG_RDI || from.index != X86_REG_INVALID || from.disp < 0 || from.disp > 4096) return std::nullopt;
    return static_cast<std::uint32_t>(from.disp);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> field_aarch64(std::span<const cs_insn> code) {
  for (const cs_insn& instruction : code) {
    const cs_arm64& arm = instruction.detail->arm64;
    if (instruction.id == ARM64_INS_HINT || instruction.id == ARM64_INS_NOP || instruction.id == ARM64_INS_CBZ) continue;
    const bool loads =
        (instruction.id == ARM64_INS_LDR || instruction.id == ARM64_INS_LDRSW) && arm.op_count == 2 && arm.operands[1].type == ARM64_OP_MEM;
    if (!loads || (arm.operands[0].reg != ARM64_REG_X0 && arm.operands[0].reg != ARM64_REG_W0)) return std::nullopt;
    const arm64_op_mem& from = arm.operands[1].mem;
    if (from.base != ARM64_REG_X0 || from.index != ARM64_REG_INVALID || from.disp < 0 || from.disp > 4096) return std::nullopt;
    return static_cast<std::uint32_t>(from.disp);
  }
  return std::nullopt;
}

// The immediate of the first "add rdi, x" or "lea rdi, [rdi+x]" before a jump or a call.
std::optional<std::uint32_t> inner_x86(std::span<const cs_insn> code) {
  for (const cs_insn& instruction : code) {
    const cs_x86& x86 = instruction.detail->x86;
    if (instruction.id == X86_INS_ENDBR64 || instruction.id == X86_INS_NOP || is_frame(instruction)) continue;
    const bool adds = instruction.id == X86_INS_ADD && x86.operands[0].reg == X86_REG_RDI && x86.operands[1].type == X86_OP_IMM;
    const bool loads = instruction.id == X86_INS_LEA && x86.operands[0].reg == X86_REG_RDI && x86.operands[1].mem.base == X86_REG_RDI &&
                       x86.operands[1].mem.index == X86_REG_INVALID;
    const std::int64_t offset = adds ? x86.operands[1].imm : loads ? x86.operands[1].mem.disp : -1;
    return offset >= 0 && offset <= 4096 ? std::optional(static_cast<std::uint32_t>(offset)) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> inner_aarch64(std::span<const cs_insn> code) {
  for (const cs_insn& instruction : code) {
    const cs_arm64& arm = instruction.detail->arm64;
    if (instruction.id == ARM64_INS_HINT || instruction.id == ARM64_INS_NOP) continue;
    const bool adds = instruction.id == ARM64_INS_ADD && arm.operands[0].reg == ARM64_REG_X0 && arm.operands[1].reg == ARM64_REG_X0 &&
                      arm.operands[2].type == ARM64_OP_IMM;
    return adds ? std::optional(static_cast<std::uint32_t>(arm.operands[2].imm)) : std::nullopt;
  }
  return std::nullopt;
}

// The first instructions of the function `name`.
Result<Listing> listing_of(const ElfFile& file, const Symbol& symbol) {
  if (file.machine() == Machine::kOther) return fail(Code::kUnsupported, "machine code of another architecture", "elf");
  TRY(offset, file.offset_of(symbol.address));
  const std::uint64_t room = std::min(kMaxCode, file.data().size() - offset);
  TRY(code, bytes::slice(file.data(), offset, room, "elf code"));
  file.fetch(code);
  return Listing(file.machine(), code, symbol.address, kMaxInstructions);
}

Result<Symbol> symbol_called(const ElfFile& file, std::string_view name) {
  auto symbol = file.find_symbol(name);
  if (!symbol) return fail(Code::kNotFound, fmt::format("no symbol {}", name), "elf");
  return std::move(*symbol);
}

}  // namespace

Result<std::string> decode_string_accessor(const ElfFile& file, std::string_view name) {
  TRY(symbol, symbol_called(file, name));
  TRY(listing, listing_of(file, symbol));
  const auto address = file.machine() == Machine::kX86_64 ? decode_x86(listing.instructions()) : decode_aarch64(listing.instructions());
  if (!address) return fail(Code::kUnsupported, fmt::format("{} does not simply return a literal", name), "elf");
  return file.string_at(*address);
}

Result<std::uint64_t> decode_number_accessor(const ElfFile& file, std::string_view name) {
  TRY(symbol, symbol_called(file, name));
  TRY(listing, listing_of(file, symbol));
  const auto number = file.machine() == Machine::kX86_64 ? decode_x86(listing.instructions()) : number_aarch64(listing.instructions());
  if (!number) return fail(Code::kUnsupported, fmt::format("{} does not simply return a number", name), "elf");
  return *number;
}

Result<std::uint32_t> decode_field_getter(const ElfFile& file, std::string_view name) {
  TRY(symbol, symbol_called(file, name));
  return decode_field_getter(file, symbol);
}

Result<std::uint32_t> decode_field_getter(const ElfFile& file, const Symbol& symbol) {
  TRY(listing, listing_of(file, symbol));
  const auto field = file.machine() == Machine::kX86_64 ? field_x86(listing.instructions()) : field_aarch64(listing.instructions());
  if (!field) return fail(Code::kUnsupported, fmt::format("{} does not simply return a field", symbol.name), "elf");
  return *field;
}

Result<std::uint32_t> decode_inner_field(const ElfFile& file, const Symbol& symbol) {
  TRY(listing, listing_of(file, symbol));
  const auto field = file.machine() == Machine::kX86_64 ? inner_x86(listing.instructions()) : inner_aarch64(listing.instructions());
  if (!field) return fail(Code::kUnsupported, fmt::format("{} does not simply pass a field on", symbol.name), "elf");
  return *field;
}

}  // namespace tlswhy::elf
