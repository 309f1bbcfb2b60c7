#pragma once
// The parts of an ELF file that symbols need, without reading the rest: a program with a runtime linked in has a
// hundred megabytes of which three matter. Offsets are those of the file; what was not read is zero. Read with pread
// and not mapped, so that a file cut short meanwhile is an error and no SIGBUS.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/cursor.h"
#include "elf/elf_file.h"

namespace tlswhy::elf {

class SparseImage {
 public:
  // Reads headers and dynamic section, and the symbol tables with their strings of a file that does not hash them:
  // what is hashed is read as ElfFile asks for it through parts(). `local_symbols`: .symtab too. `fd` stays the
  // caller's and must outlive the image. kLimit above 4 GiB; kUnsupported for what is not ELF; the errno of pread(2).
  static base::Result<SparseImage> read(int fd, bool local_symbols);

  SparseImage(SparseImage&& other) noexcept;
  SparseImage& operator=(SparseImage&&) = delete;
  SparseImage(const SparseImage&) = delete;
  SparseImage& operator=(const SparseImage&) = delete;
  ~SparseImage();

  [[nodiscard]] bytes::View view() const { return {data_, size_}; }
  // Fetches [offset, offset + size), as far as the file goes: the pages that are not there yet.
  base::Result<void> fetch(std::uint64_t offset, std::uint64_t size);
  // Reads those bytes of the file, from memory if they are there, without keeping them. False when not all could be read.
  [[nodiscard]] bool peek(std::uint64_t offset, std::span<std::uint8_t> out) const;
  // For ElfFile::parse; the image must stay where it is. What can't be fetched stays zero.
  Parts parts() {
    return {[this](std::uint64_t offset, std::uint64_t size) { (void)fetch(offset, size); },
            [this](std::uint64_t offset, std::span<std::uint8_t> out) { return peek(offset, out); }};
  }
  // What `local_symbols` would have read.
  base::Result<void> fetch_symbols() { return fetch_tables(true); }
  // Fetches the section called `name` and returns it; kNotFound without one.
  base::Result<bytes::View> section(std::string_view name);
  // Where that section lies in memory, as the file numbers it.
  struct Place {
    std::uint64_t address = 0, size = 0, offset = 0;
  };
  base::Result<Place> section_address(std::string_view name);

 private:
  static constexpr std::uint64_t kPage = 4096;
  SparseImage(int fd, std::uint8_t* data, std::size_t size) : fd_(fd), data_(data), size_(size), there_((size + kPage - 1) / kPage) {}
  base::Result<void> read_pages(std::uint64_t offset, std::uint64_t end);
  base::Result<void> fetch_tables(bool local_symbols);

  int fd_;
  std::uint8_t* data_;
  std::size_t size_;
  std::vector<bool> there_;  // by page
};

}  // namespace tlswhy::elf
