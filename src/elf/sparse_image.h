#pragma once
// The parts of an ELF file that symbols need, without reading the rest: a program with a runtime linked in has a
// hundred megabytes of which three matter. Offsets are those of the file; what was not read is zero. Read with pread
// and not mapped, so that a file cut short meanwhile is an error and no SIGBUS.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "bytes/cursor.h"

namespace tlswhy::elf {

class SparseImage {
 public:
  // Reads headers, dynamic section, symbol tables with their strings. `local_symbols`: .symtab too. `fd` stays the
  // caller's and must outlive the image. kLimit above 4 GiB; kUnsupported for what is not ELF; the errno of pread(2).
  static base::Result<SparseImage> read(int fd, bool local_symbols);

  SparseImage(SparseImage&& other) noexcept;
  SparseImage& operator=(SparseImage&&) = delete;
  SparseImage(const SparseImage&) = delete;
  SparseImage& operator=(const SparseImage&) = delete;
  ~SparseImage();

  [[nodiscard]] bytes::View view() const { return {data_, size_}; }
  // Fetches [offset, offset + size), as far as the file goes.
  base::Result<void> fetch(std::uint64_t offset, std::uint64_t size);
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
  SparseImage(int fd, std::uint8_t* data, std::size_t size) : fd_(fd), data_(data), size_(size) {}
  base::Result<void> fetch_tables(bool local_symbols);

  int fd_;
  std::uint8_t* data_;
  std::size_t size_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> fetched_;  // offset and size of what was asked for
};

}  // namespace tlswhy::elf
