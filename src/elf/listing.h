#pragma once
// Machine code as Capstone reads it. The library is loaded with the first listing.

#include <capstone/capstone.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "bytes/cursor.h"
#include "elf/elf_file.h"

namespace tlswhy::elf {

class Listing {
 public:
  // The first instructions of `code`, which stands at `address`, with their operands: `most` at the most, none of what is
  // no instruction of that machine or when there is no Capstone.
  Listing(Machine machine, bytes::View code, std::uint64_t address, std::size_t most);
  Listing(Listing&& other) noexcept;
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;
  Listing& operator=(Listing&&) = delete;
  ~Listing();
  [[nodiscard]] std::span<const cs_insn> instructions() const { return {list_, count_}; }

 private:
  csh handle_ = 0;
  bool open_ = false;
  cs_insn* list_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace tlswhy::elf
