#include "elf/head.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace tlswhy::elf {
namespace {

struct Machine {
  std::uint16_t number;
  std::string_view name;
};

constexpr std::array kMachines{Machine{EM_X86_64, "x86-64"}, Machine{EM_AARCH64, "AArch64"},     Machine{EM_386, "i386"},
                               Machine{EM_ARM, "Arm"},       Machine{EM_PPC64, "POWER"},         Machine{EM_S390, "s390x"},
                               Machine{EM_RISCV, "RISC-V"},  Machine{EM_MIPS, "MIPS"},           Machine{EM_PPC, "PowerPC"},
                               Machine{EM_SPARCV9, "SPARC"}, Machine{EM_LOONGARCH, "LoongArch"}, Machine{EM_BPF, "BPF"}};

}  // namespace

std::optional<Head> read_head(bytes::View data) {
  constexpr std::size_t kMachineAt = 18;
  if (data.size() < kMachineAt + 2 || std::memcmp(data.data(), ELFMAG, SELFMAG) != 0) return std::nullopt;
  const bool big = data[EI_DATA] == ELFDATA2MSB, small = data[EI_CLASS] == ELFCLASS32;
  const auto first = data[kMachineAt], second = data[kMachineAt + 1];
  const auto number = static_cast<std::uint16_t>(big ? first << 8 | second : second << 8 | first);
  const auto* row = std::ranges::find(kMachines, number, &Machine::number);
  Head out{row == kMachines.end() ? fmt::format("machine {}", number) : std::string(row->name)};
  out.readable = !big && !small && (number == EM_X86_64 || number == EM_AARCH64);
  if (small) out.machine += " (32-bit)";
  if (big) out.machine += ", big-endian";
  return out;
}

}  // namespace tlswhy::elf
