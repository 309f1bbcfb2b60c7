#include "elf/elf_file.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

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
  return string_in(data_, offset);
}

void ElfFile::fetch(View part) const {
  if (parts_.need) parts_.need(static_cast<std::uint64_t>(part.data() - data_.data()), part.size());
}

View ElfFile::peek(View part, std::span<std::uint8_t> room) const {
  if (!parts_.peek || part.empty()) return part;
  const std::span<std::uint8_t> out = room.first(part.size());
  return parts_.peek(static_cast<std::uint64_t>(part.data() - data_.data()), out) ? View(out) : View{};
}

Result<std::string> ElfFile::string_in(View strings, std::uint64_t at) const {
  constexpr std::uint64_t kLongest = 4096;  // PATH_MAX
  if (at < strings.size()) fetch(strings.subspan(at, std::min<std::uint64_t>(kLongest, strings.size() - at)));
  return bytes::c_string(strings, at, "elf strings");
}

namespace {

// Compares in place: a table of a large program holds a million names.
bool is_named(View strings, std::uint32_t at, std::string_view wanted) {
  if (at >= strings.size() || strings.size() - at <= wanted.size()) return false;
  const View text = strings.subspan(at, wanted.size() + 1);
  return text.back() == 0 && std::equal(wanted.begin(), wanted.end(), text.begin());
}

// One Elf64_Sym (gABI "Symbol Table") behind its name: info, other, section, value, size.
Result<Symbol> read_symbol(View row) {
  Cursor cursor(row, "elf symbol");
  TRY_VOID(cursor.u32_le());
  TRY(info, cursor.u8());
  TRY_VOID(cursor.u8());
  TRY(section, cursor.u16_le());
  TRY(value, cursor.u64_le());
  TRY(size, cursor.u64_le());
  return Symbol{"", value, size, section != SHN_UNDEF, (info & 15) == STT_FUNC};
}

}  // namespace

std::optional<Symbol> ElfFile::find_symbol(std::string_view name) const { return find_symbols({&name, 1}).front(); }

std::vector<std::optional<Symbol>> ElfFile::find_symbols(std::span<const std::string_view> names) const {
  std::vector<std::optional<Symbol>> out(names.size());
  std::size_t missing = names.size();
  for (const Table& table : tables_) {
    const HashHeader header = hash_header(table);
    for (std::size_t i = 0; i < names.size() && !table.hash.empty(); ++i) {
      if (out[i]) continue;
      out[i] = find_hashed(table, header, names[i]);
      if (out[i]) --missing;
    }
    if (!table.hash.empty()) continue;
    Cursor cursor(table.symbols, "elf symbols");
    while (missing > 0 && cursor.remaining() >= sizeof(Elf64_Sym)) {
      // The name first: of a million symbols a handful is wanted.
      const auto row = cursor.take(sizeof(Elf64_Sym));
      const auto at = Cursor(*row, "elf symbol").u32_le();
      const std::uint8_t first = *at < table.strings.size() ? table.strings[*at] : 0;
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (static_cast<std::uint8_t>(names[i].front()) != first || out[i] || !is_named(table.strings, *at, names[i])) continue;
        auto symbol = read_symbol(*row);
        if (!symbol || !symbol->defined) continue;
        symbol->name = names[i];
        out[i] = *symbol;
        --missing;
      }
    }
  }
  return out;
}

std::optional<Symbol> ElfFile::named_symbol(const Table& table, std::uint64_t index, std::string_view name) const {
  std::array<std::uint8_t, sizeof(Elf64_Sym)> room{};
  const auto there = bytes::slice(table.symbols, index * sizeof(Elf64_Sym), sizeof(Elf64_Sym), "elf symbols");
  const View row = peek(there.value_or(View{}), room);
  const auto at = Cursor(row, "elf symbol").u32_le();
  auto symbol = read_symbol(row);
  if (!at || *at >= table.strings.size() || !symbol || !symbol->defined) return std::nullopt;
  std::vector<std::uint8_t> text(name.size() + 1);
  if (!is_named(peek(table.strings.subspan(*at, std::min(text.size(), table.strings.size() - *at)), text), 0, name)) return std::nullopt;
  symbol->name = name;
  return std::move(*symbol);
}

namespace {

constexpr std::uint64_t kHashHeader = 16;

}  // namespace

ElfFile::HashHeader ElfFile::hash_header(const Table& table) const {
  std::array<std::uint8_t, kHashHeader> room{};
  Cursor words(peek(bytes::slice(table.hash, 0, room.size(), "elf hash").value_or(View{}), room), "elf hash");
  const auto buckets = words.u32_le(), first = words.u32_le(), bloom = words.u32_le(), shift = words.u32_le();
  if (!shift || *buckets == 0 || *bloom == 0 || *shift > 31) return {};
  return {*buckets, *first, *bloom, *shift};
}

// DT_GNU_HASH: header, Bloom filter, buckets, and chains in which the lowest bit marks the end (glibc elf/dl-lookup.c).
std::optional<Symbol> ElfFile::find_hashed(const Table& table, const HashHeader& header, std::string_view name) const {
  constexpr std::uint64_t kLongestChain = 4096;
  if (header.buckets == 0) return std::nullopt;
  std::uint32_t wanted = 5381;
  for (const char c : name) wanted = wanted * 33 + static_cast<unsigned char>(c);
  std::array<std::uint8_t, 8> room{};
  const auto word = [&](std::uint64_t at, std::uint64_t size) {
    return Cursor(peek(bytes::slice(table.hash, at, size, "elf hash").value_or(View{}), room), "elf hash");
  };
  const auto filter = word(kHashHeader + std::uint64_t{wanted / 64 % header.bloom} * 8, 8).u64_le();
  if (!filter || (*filter >> (wanted % 64) & *filter >> ((wanted >> header.shift) % 64) & 1) == 0) return std::nullopt;
  const std::uint64_t table_at = kHashHeader + std::uint64_t{header.bloom} * 8, chains = table_at + std::uint64_t{header.buckets} * 4;
  const auto start = word(table_at + std::uint64_t{wanted % header.buckets} * 4, 4).u32_le();
  if (!start || *start < header.first) return std::nullopt;
  for (std::uint64_t index = *start; index < *start + kLongestChain; ++index) {
    const auto hash = word(chains + (index - header.first) * 4, 4).u32_le();
    if (!hash) return std::nullopt;
    if ((*hash | 1) == (wanted | 1))
      if (auto symbol = named_symbol(table, index, name)) return symbol;
    if ((*hash & 1) != 0) return std::nullopt;
  }
  return std::nullopt;
}

std::uint64_t ElfFile::first_address() const {
  constexpr std::uint64_t kPage = 4096;
  for (const Segment& segment : segments_)
    if (segment.type == PT_LOAD) return segment.address - segment.address % kPage;
  return 0;
}

std::vector<Range> ElfFile::data_parts() const {
  std::vector<Range> out;
  std::size_t constants = 0;
  for (const Segment& segment : segments_) {
    if (segment.type != PT_LOAD || (segment.flags & PF_X) != 0) continue;
    if (segment.offset > data_.size()) continue;
    out.push_back({segment.offset, std::min<std::uint64_t>(segment.file_size, data_.size() - segment.offset)});
    // The first segment holds the tables for the loader.
    constants += (segment.flags & PF_W) == 0 && segment.offset != 0 ? 1 : 0;
  }
  return constants > 0 ? out : std::vector{Range{0, data_.size()}};
}

}  // namespace tlswhy::elf
