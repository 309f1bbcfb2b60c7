// ELF64 headers → ElfFile. Section headers are used where they are sound; the dynamic segment is enough
// without them (a stripped or packed file has none). Bites: e_shnum may be 0 with the real count in
// section 0; DT_* pointers are addresses, not offsets; version lists are chains of relative offsets
// that a hostile file makes endless, hence the counts.

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "elf/elf_file.h"

namespace tlswhy::elf {

using base::Code;
using base::fail;
using base::Result;
using bytes::Cursor;
using bytes::View;

namespace {

constexpr std::size_t kMaxChain = 4096;   // entries followed in one version list
constexpr std::size_t kMaxNeeded = 4096;  // DT_NEEDED entries
constexpr std::uint16_t kMaxSegments = 4096;

struct Section {
  std::uint32_t type = 0;
  std::uint64_t offset = 0, size = 0;
  std::uint32_t link = 0;
};

}  // namespace

class Reader {
 public:
  Reader(View data, bool local_symbols, Parts parts) : local_symbols_(local_symbols) {
    file_.data_ = data;
    file_.parts_ = std::move(parts);
  }

  Result<ElfFile> run() {
    TRY_VOID(header());
    TRY_VOID(segments());
    TRY_VOID(dynamic());
    sections();  // optional by design
    if (file_.tables_.empty()) dynamic_symbols();
    TRY_VOID(version_needs());
    TRY_VOID(version_definitions());
    return std::move(file_);
  }

 private:
  Result<void> header() {
    Cursor cursor(file_.data_, "elf");
    const auto ident = cursor.take(EI_NIDENT);
    if (!ident || (*ident)[0] != 0x7f || (*ident)[1] != 'E' || (*ident)[2] != 'L' || (*ident)[3] != 'F')
      return fail(Code::kUnsupported, "not an ELF file");
    if ((*ident)[EI_CLASS] != ELFCLASS64 || (*ident)[EI_DATA] != ELFDATA2LSB)
      return fail(Code::kUnsupported, "only 64-bit little-endian ELF files are read");
    TRY(type, cursor.u16_le());
    TRY(machine, cursor.u16_le());
    file_.shared_object_ = type == ET_DYN;
    file_.machine_ = machine == EM_X86_64 ? Machine::kX86_64 : machine == EM_AARCH64 ? Machine::kAarch64 : Machine::kOther;
    TRY_VOID(cursor.seek(32));
    TRY(phoff, cursor.u64_le());
    TRY(shoff, cursor.u64_le());
    TRY_VOID(cursor.seek(54));
    TRY(phentsize, cursor.u16_le());
    TRY(phnum, cursor.u16_le());
    TRY_VOID(cursor.u16_le());
    TRY(shnum, cursor.u16_le());
    phoff_ = phoff, shoff_ = shoff, phnum_ = phnum, shnum_ = shnum;
    if (phnum > 0 && phentsize != sizeof(Elf64_Phdr)) return fail(Code::kMalformed, "program headers have an odd size", "elf+0x36");
    return {};
  }

  Result<void> segments() {
    if (phnum_ > kMaxSegments) return fail(Code::kLimit, "too many program headers", "elf+0x38");
    TRY(table, bytes::slice(file_.data_, phoff_, std::uint64_t{phnum_} * sizeof(Elf64_Phdr), "elf program headers"));
    Cursor cursor(table, "elf program headers", phoff_);
    for (unsigned i = 0; i < phnum_; ++i) {
      TRY(type, cursor.u32_le());
      TRY(flags, cursor.u32_le());
      TRY(offset, cursor.u64_le());
      TRY(address, cursor.u64_le());
      TRY_VOID(cursor.u64_le());
      TRY(size, cursor.u64_le());
      TRY_VOID(cursor.take(16));
      file_.segments_.push_back({type, offset, address, size, flags});
    }
    return interpreter();
  }

  // A program names its interpreter; a library has none.
  Result<void> interpreter() {
    for (const Segment& segment : file_.segments_) {
      if (segment.type != PT_INTERP) continue;
      TRY_VOID(bytes::c_string(file_.data_, segment.offset, "elf interpreter"));
      file_.shared_object_ = false;
    }
    return {};
  }

  Result<void> dynamic() {
    for (const Segment& segment : file_.segments_) {
      if (segment.type != PT_DYNAMIC) continue;
      TRY(table, bytes::slice(file_.data_, segment.offset, segment.file_size, "elf dynamic"));
      Cursor cursor(table, "elf dynamic", segment.offset);
      while (cursor.remaining() >= sizeof(Elf64_Dyn)) {
        TRY(tag, cursor.u64_le());
        TRY(value, cursor.u64_le());
        if (tag == DT_NULL) break;
        if (tag == DT_NEEDED && needed_.size() < kMaxNeeded)
          needed_.push_back(value);
        else
          tags_.try_emplace(tag, value);
      }
    }
    return dynamic_names();
  }

  Result<void> dynamic_names() {
    if (!tags_.contains(DT_STRTAB)) return {};
    TRY(strings, file_.offset_of(tags_[DT_STRTAB]));
    TRY(table, bytes::slice(file_.data_, strings, tags_[DT_STRSZ], "elf dynamic strings"));
    strings_ = table;
    for (const std::uint64_t at : needed_) {
      TRY(name, string(at));
      file_.needed_.push_back(name);
    }
    for (const auto& [tag, target] : {std::pair{DT_SONAME, &file_.soname_}, {DT_RPATH, &file_.rpath_}, {DT_RUNPATH, &file_.runpath_}}) {
      const auto found = tags_.find(static_cast<std::uint64_t>(tag));
      if (found == tags_.end()) continue;
      TRY(name, string(found->second));
      *target = name;
    }
    return {};
  }

  [[nodiscard]] Result<std::string> string(std::uint64_t at) const { return file_.string_in(strings_, at); }

  // Both symbol tables by section header. A damaged section table only costs the symbols.
  void sections() {
    std::vector<Section> all;
    const auto table = bytes::slice(file_.data_, shoff_, std::uint64_t{shnum_} * sizeof(Elf64_Shdr), "elf sections");
    if (!table || shoff_ == 0) return;
    Cursor cursor(*table, "elf sections", shoff_);
    while (cursor.remaining() >= sizeof(Elf64_Shdr)) {
      const auto row = cursor.take(sizeof(Elf64_Shdr));
      Cursor fields(*row, "elf section");
      (void)fields.u32_le();
      const std::uint32_t type = *fields.u32_le();
      (void)fields.take(16);
      const std::uint64_t offset = *fields.u64_le(), size = *fields.u64_le();
      all.push_back({type, offset, size, *fields.u32_le()});
    }
    for (const std::uint32_t wanted : {SHT_DYNSYM, SHT_SYMTAB})
      for (const Section& section : all)
        if (section.type == wanted && (local_symbols_ || wanted == SHT_DYNSYM) && section.link < all.size()) add_table(section, all[section.link]);
    for (const Section& section : all)
      if (section.type == SHT_GNU_HASH && !file_.tables_.empty() && all.at(std::min<std::size_t>(section.link, all.size() - 1)).type == SHT_DYNSYM)
        if (const auto hash = bytes::slice(file_.data_, section.offset, section.size, "elf hash")) file_.tables_.front().hash = *hash;
  }

  void add_table(const Section& symbols, const Section& strings) {
    const auto body = bytes::slice(file_.data_, symbols.offset, symbols.size, "elf symbols");
    const auto names = bytes::slice(file_.data_, strings.offset, strings.size, "elf strings");
    if (body && names) file_.tables_.push_back({*body, *names});
  }

  // Without sections: DT_SYMTAB has no length; linkers place DT_STRTAB right behind it (lld, bfd, gold).
  void dynamic_symbols() {
    if (!tags_.contains(DT_SYMTAB) || !tags_.contains(DT_STRTAB) || tags_[DT_STRTAB] <= tags_[DT_SYMTAB]) return;
    const auto offset = file_.offset_of(tags_[DT_SYMTAB]);
    if (!offset) return;
    const auto body = bytes::slice(file_.data_, *offset, tags_[DT_STRTAB] - tags_[DT_SYMTAB], "elf symbols");
    if (body) file_.tables_.push_back({*body, strings_});
  }

  // Elf64_Verneed chains: each names a file and a chain of Elf64_Vernaux.
  Result<void> version_needs() {
    if (!tags_.contains(DT_VERNEED)) return {};
    TRY(at, file_.offset_of(tags_[DT_VERNEED]));
    std::size_t budget = kMaxChain;
    for (std::uint64_t next = 1; next != 0 && budget-- > 0; at += next) {
      TRY(row, bytes::slice(file_.data_, at, sizeof(Elf64_Verneed), "elf version needs"));
      Cursor cursor(row, "elf version needs", at);
      TRY_VOID(cursor.u16_le());
      TRY(count, cursor.u16_le());
      TRY(name, cursor.u32_le());
      TRY(first, cursor.u32_le());
      TRY(step, cursor.u32_le());
      TRY(file, string(name));
      VersionNeed need{file, {}};
      TRY_VOID(needed_versions(need, at + first, count, budget));
      file_.version_needs_.push_back(std::move(need));
      next = step;
    }
    return {};
  }

  Result<void> needed_versions(VersionNeed& need, std::uint64_t at, unsigned count, std::size_t& budget) {
    for (; count > 0 && budget > 0; --count, --budget) {
      TRY(row, bytes::slice(file_.data_, at, sizeof(Elf64_Vernaux), "elf version needs"));
      Cursor cursor(row, "elf version needs", at);
      TRY_VOID(cursor.take(4));
      TRY(flags, cursor.u16_le());
      TRY_VOID(cursor.take(2));
      TRY(name, cursor.u32_le());
      TRY(step, cursor.u32_le());
      TRY(text, string(name));
      if ((flags & VER_FLG_WEAK) == 0) need.versions.push_back(text);
      if (step == 0) break;
      at += step;
    }
    return {};
  }

  // Elf64_Verdef chain; the first Elf64_Verdaux of each is its name.
  Result<void> version_definitions() {
    if (!tags_.contains(DT_VERDEF)) return {};
    TRY(at, file_.offset_of(tags_[DT_VERDEF]));
    std::size_t budget = kMaxChain;
    for (std::uint64_t next = 1; next != 0 && budget-- > 0; at += next) {
      TRY(row, bytes::slice(file_.data_, at, sizeof(Elf64_Verdef), "elf version definitions"));
      Cursor cursor(row, "elf version definitions", at);
      TRY_VOID(cursor.take(12));
      TRY(first, cursor.u32_le());
      TRY(step, cursor.u32_le());
      TRY(auxiliary, bytes::slice(file_.data_, at + first, sizeof(Elf64_Verdaux), "elf version definitions"));
      Cursor fields(auxiliary, "elf version definitions", at + first);
      TRY(name, fields.u32_le());
      TRY(text, string(name));
      file_.version_definitions_.push_back(text);
      next = step;
    }
    return {};
  }

  ElfFile file_;
  bool local_symbols_;
  std::uint64_t phoff_ = 0, shoff_ = 0;
  std::uint16_t phnum_ = 0, shnum_ = 0;
  std::vector<std::uint64_t> needed_;
  std::map<std::uint64_t, std::uint64_t> tags_;
  View strings_;
};

Result<ElfFile> ElfFile::parse(View data, bool local_symbols, Parts parts) { return Reader(data, local_symbols, std::move(parts)).run(); }

}  // namespace tlswhy::elf
