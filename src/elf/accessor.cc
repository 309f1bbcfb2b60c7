#include "elf/accessor.h"

#include <capstone/capstone.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace tlswhy::elf {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::uint64_t kMaxCode = 64;  // bytes; the accessors are 8 to 16 long
constexpr std::size_t kMaxInstructions = 8;

// A Capstone handle with the instructions of one function.
class Listing {
 public:
  Listing(Machine machine, bytes::View code, std::uint64_t address) {
    const bool x86 = machine == Machine::kX86_64;
    if (cs_open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_ARM, &handle_) != CS_ERR_OK) return;
    open_ = true;
    cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
    count_ = cs_disasm(handle_, code.data(), code.size(), address, kMaxInstructions, &list_);
  }
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;
  ~Listing() {
    if (list_ != nullptr) cs_free(list_, count_);
    if (open_) cs_close(&handle_);
  }
  [[nodiscard]] std::span<const cs_insn> instructions() const { return {list_, count_}; }

 private:
  csh handle_ = 0;
  bool open_ = false;
  cs_insn* list_ = nullptr;
  std::size_t count_ = 0;
};

// "lea rax, [rip+x]" then "ret", an "endbr64" before it allowed (-fcf-protection).
std::optional<std::uint64_t> decode_x86(std::span<const cs_insn> code) {
  std::optional<std::uint64_t> address;
  for (const cs_insn& instruction : code) {
    if (instruction.id == X86_INS_ENDBR64 || instruction.id == X86_INS_NOP) continue;
    if (instruction.id == X86_INS_RET) return address;
    const cs_x86& x86 = instruction.detail->x86;
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

}  // namespace

Result<std::string> decode_string_accessor(const ElfFile& file, std::string_view name) {
  const auto symbol = file.find_symbol(name);
  if (!symbol) return fail(Code::kNotFound, fmt::format("no symbol {}", name), "elf");
  if (file.machine() == Machine::kOther) return fail(Code::kUnsupported, "machine code of another architecture", "elf");
  TRY(offset, file.offset_of(symbol->address));
  const std::uint64_t room = std::min(kMaxCode, file.data().size() - offset);
  TRY(code, bytes::slice(file.data(), offset, room, "elf code"));
  const Listing listing(file.machine(), code, symbol->address);
  const auto address = file.machine() == Machine::kX86_64 ? decode_x86(listing.instructions()) : decode_aarch64(listing.instructions());
  if (!address) return fail(Code::kUnsupported, fmt::format("{} does not simply return a literal", name), fmt::format("elf+{:#x}", offset));
  return file.string_at(*address);
}

}  // namespace tlswhy::elf
