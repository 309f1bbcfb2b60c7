#pragma once
// Reads what the loader and tlswhy need of one ELF64 little-endian file (x86-64, AArch64), over bytes that
// may be hostile: every offset is checked, every list is bounded, nothing is executed.
// Format: System V gABI chapters 4 and 5; GNU extensions as in glibc elf/elf.h.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/cursor.h"

namespace tlswhy::elf {

enum class Machine { kX86_64, kAarch64, kOther };

// A PT_LOAD segment, or any other program header.
struct Segment {
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t file_size = 0;
  std::uint32_t flags = 0;  // PF_X, PF_W, PF_R
};

// Bytes of the file.
struct Range {
  std::uint64_t offset = 0, size = 0;
};

struct Symbol {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  bool defined = false;
  bool function = false;
};

// "needs GLIBC_2.34 of libc.so.6" (.gnu.version_r).
struct VersionNeed {
  std::string file;
  std::vector<std::string> versions;
};

// Where the parts of a file come from that is not all in memory; empty functions: it is.
struct Parts {
  // Called with a part before it is looked at in the data.
  std::function<void(std::uint64_t offset, std::uint64_t size)> need = {};
  // Reads a few bytes beside the data, all of them or false: a look-up in a hash table needs a few out of each of five pages, and a
  // fresh page takes four times as long as such a read.
  std::function<bool(std::uint64_t offset, std::span<std::uint8_t> out)> peek = {};
};

class ElfFile {
 public:
  // Parses `data`, which must outlive the result. kUnsupported: not ELF, 32-bit or big-endian;
  // kMalformed: a header points outside the file (with the offset).
  // `local_symbols`: the table of a file that was not stripped as well as the dynamic one.
  // `parts`: for strings, hashed symbols and code of an image that has its tables only; strings end at PATH_MAX then.
  static base::Result<ElfFile> parse(bytes::View data, bool local_symbols = true, Parts parts = {});

  [[nodiscard]] bytes::View data() const { return data_; }
  // Makes `part` of data() the file's.
  void fetch(bytes::View part) const;
  [[nodiscard]] Machine machine() const { return machine_; }
  [[nodiscard]] bool shared_object() const { return shared_object_; }  // ET_DYN without an interpreter
  [[nodiscard]] const std::string& soname() const { return soname_; }
  [[nodiscard]] const std::vector<std::string>& needed() const { return needed_; }
  [[nodiscard]] const std::string& rpath() const { return rpath_; }
  [[nodiscard]] const std::string& runpath() const { return runpath_; }
  [[nodiscard]] const std::vector<VersionNeed>& version_needs() const { return version_needs_; }
  [[nodiscard]] const std::vector<std::string>& version_definitions() const { return version_definitions_; }

  // The symbol called `name` in the dynamic table, then in .symtab (executables with static OpenSSL).
  [[nodiscard]] std::optional<Symbol> find_symbol(std::string_view name) const;
  // The same for many names in one pass; parallel to `names`.
  [[nodiscard]] std::vector<std::optional<Symbol>> find_symbols(std::span<const std::string_view> names) const;
  // The page-aligned address of the first loaded segment: where it is mapped, less this, is the load bias.
  [[nodiscard]] std::uint64_t first_address() const;
  // The loaded parts that are not code; all of the file where its linker put code and constants together.
  [[nodiscard]] std::vector<Range> data_parts() const;
  // The file offset of a virtual address; kMalformed when no segment holds it.
  [[nodiscard]] base::Result<std::uint64_t> offset_of(std::uint64_t address) const;
  // The C string at a virtual address.
  [[nodiscard]] base::Result<std::string> string_at(std::uint64_t address) const;

 private:
  struct Table {  // one symbol table with its strings
    bytes::View symbols;
    bytes::View strings;
    bytes::View hash = {};  // .gnu.hash over it, if it has one
  };
  struct HashHeader {  // all zero: no table
    std::uint32_t buckets = 0, first = 0, bloom = 0, shift = 0;
  };
  [[nodiscard]] HashHeader hash_header(const Table& table) const;
  [[nodiscard]] std::optional<Symbol> find_hashed(const Table& table, const HashHeader& header, std::string_view name) const;
  [[nodiscard]] std::optional<Symbol> named_symbol(const Table& table, std::uint64_t index, std::string_view name) const;
  [[nodiscard]] base::Result<std::string> string_in(bytes::View strings, std::uint64_t at) const;
  // The bytes of `part`: itself, or what peek() has read of it into `room`, which is as large; nothing if that failed.
  [[nodiscard]] bytes::View peek(bytes::View part, std::span<std::uint8_t> room) const;
  friend class Reader;

  bytes::View data_;
  Parts parts_;
  Machine machine_ = Machine::kOther;
  bool shared_object_ = false;
  std::string soname_, rpath_, runpath_;
  std::vector<std::string> needed_;
  std::vector<Segment> segments_;
  std::vector<VersionNeed> version_needs_;
  std::vector<std::string> version_definitions_;
  std::vector<Table> tables_;
};

}  // namespace tlswhy::elf
