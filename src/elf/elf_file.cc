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

// One Elf64_Sym (gABI "Symbol Table"): name, info, other, section, value, size.
Result<Symbol> read_symbol(Cursor& cursor, View strings, std::string_view wanted) {
  TRY(name, cursor.u32_le());
  TRY(info, cursor.u8());
  TRY_VOID(cursor.u8());
  TRY(section, cursor.u16_le());
  TRY(value, cursor.u64_le());
  TRY(size, cursor.u64_le());
  Symbol symbol{"", value, size, section != SHN_UNDEF, (info & 15) == STT_FUNC};
  // Compares in place: a table of a large program holds a million names.
  if (name >= strings.size() || strings.size() - name <= wanted.size()) return symbol;
  const View text = strings.subspan(name, wanted.size() + 1);
  if (text.back() == 0 && std::equal(wanted.begin(), wanted.end(), text.begin())) symbol.name = wanted;
  return symbol;
}

}  // namespace

std::optional<Symbol> ElfFile::find_symbol(std::string_view name) const {
  for (const Table& table : tables_) {
    Cursor cursor(table.symbols, "elf symbols");
    while (cursor.remaining() >= sizeof(Elf64_Sym)) {
      const auto symbol = read_symbol(cursor, table.strings, name);
      if (symbol && symbol->defined && symbol->name == name) return *symbol;
    }
  }
  return std::nullopt;
}

}  // namespace tlswhy::elf
