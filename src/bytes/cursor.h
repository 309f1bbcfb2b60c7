#pragma once
// The only code that turns bytes into numbers. Every read is checked and can fail with an offset; sizes
// are 64 bits wide; there is no cast of a buffer to a struct anywhere in this project.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlswhy::bytes {

using View = std::span<const std::uint8_t>;

// A read position in a byte view. Copyable: a copy is a bookmark.
class Cursor {
 public:
  // `what` names the data in error places ("elf", "tls client"); `base` is the offset of data[0] in the
  // file, so that errors carry file offsets.
  explicit Cursor(View data, std::string_view what = "data", std::uint64_t base = 0) : data_(data), what_(what), base_(base) {}

  [[nodiscard]] std::uint64_t remaining() const { return data_.size() - at_; }
  [[nodiscard]] std::uint64_t offset() const { return base_ + at_; }
  [[nodiscard]] bool empty() const { return remaining() == 0; }

  base::Result<std::uint8_t> u8();
  base::Result<std::uint16_t> u16_be();  // network order (TLS)
  base::Result<std::uint32_t> u24_be();
  base::Result<std::uint16_t> u16_le();  // file order (ELF of the machines read here)
  base::Result<std::uint32_t> u32_le();
  base::Result<std::uint64_t> u64_le();

  // The next `count` bytes as a view; fails with kMalformed and the offset when fewer are left.
  base::Result<View> take(std::uint64_t count);

  // Moves to `position` bytes from the start of the data.
  base::Result<void> seek(std::uint64_t position);

  // "what+0xOFFSET", the place for errors found by the caller.
  [[nodiscard]] std::string place() const;

 private:
  base::Result<std::uint64_t> integer(unsigned width, bool big_endian);

  View data_;
  std::string_view what_;
  std::uint64_t base_ = 0;
  std::uint64_t at_ = 0;
};

// A checked sub-range: kMalformed unless [offset, offset+size) lies in `data`.
base::Result<View> slice(View data, std::uint64_t offset, std::uint64_t size, std::string_view what);

// The NUL-terminated string at `offset`; kMalformed when it does not end within `limit` bytes.
base::Result<std::string> c_string(View data, std::uint64_t offset, std::string_view what, std::uint64_t limit = 4096);

}  // namespace tlswhy::bytes
