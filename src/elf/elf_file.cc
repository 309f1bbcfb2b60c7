#include "elf/elf_file.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

namespace tlswhy::elf {

using base::Code;
using base::fail;
using base::Result;
using bytes::Cursor;
using bytes::View;

Result<std::uint64_t> ElfFile::offset_of(std::uint64_t address) const {
  for (const Segment& segment : segments_) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    const std::uint64_t inside = address - segment.address;
    if (inside < segment.file_size && segment.offset <= data_.size() && inside < data_.size() - segment.offset) return segment.offset + inside;
  }
  return fail(Code::kMalformed, "no segment holds this address", fmt::format("elf @{:#x}", address));
}

Result<std::string> ElfFile::string_at(std::uint64_t address) const {
  TRY(offset, offset_of(address));
  return bytes::c_string(data_, offset, "elf");
}

namespace {

// Compares in place: a table of a large program holds a million names.
bool is_named(View strings, std::uint32_t at, std::string_view wanted) {
  if (at >= strings.size() || strings.size() - at <= wanted.size()) return false;
  const View text = strings.subspan(at, wanted.size() + 1);
  return text.back() == 0 && std::equal(wanted.begin(), wanted.end(), text.begin());
}

// One Elf64_Sym (gABI "Symbol Table"): name, info, other, section, value, size.
Result<Symbol> read_symbol(Cursor& cursor, std::uint32_t& name_at) {
  TRY(name, cursor.u32_le());
  TRY(info, cursor.u8());
  TRY_VOID(cursor.u8());
  TRY(section, cursor.u16_le());
  TRY(value, cursor.u64_le());
  TRY(size, cursor.u64_le());
  name_at = name;
  return Symbol{"", value, size, section != SHN_UNDEF, (info & 15) == STT_FUNC};
}

}  // namespace

std::optional<Symbol> ElfFile::find_symbol(std::string_view name) const { return find_symbols({&name, 1}).front(); }

std::vector<std::optional<Symbol>> ElfFile::find_symbols(std::span<const std::string_view> names) const {
  std::vector<std::optional<Symbol>> out(names.size());
  std::size_t missing = names.size();
  for (const Table& table : tables_) {
    Cursor cursor(table.symbols, "elf symbols");
    while (missing > 0 && cursor.remaining() >= sizeof(Elf64_Sym)) {
      std::uint32_t at = 0;
      auto symbol = read_symbol(cursor, at);
      if (!symbol || !symbol->defined) continue;
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (out[i] || !is_named(table.strings, at, names[i])) continue;
        symbol->name = names[i];
        out[i] = *symbol;
        --missing;
      }
    }
  }
  return out;
}

std::uint64_t ElfFile::first_address() const {
  constexpr std::uint64_t kPage = 4096;
  for (const Segment& segment : segments_)
    if (segment.type == PT_LOAD) return segment.address - segment.address % kPage;
  return 0;
}

}  // namespace tlswhy::elf
