#include "bytes/cursor.h"

#include <fmt/format.h>

#include <algorithm>

namespace tlswhy::bytes {

using base::Code;
using base::fail;
using base::Result;

std::string Cursor::place() const { return fmt::format("{}+{:#x}", what_, offset()); }

Result<View> Cursor::take(std::uint64_t count) {
  if (count > remaining()) return fail(Code::kMalformed, fmt::format("needs {} bytes, {} left", count, remaining()), place());
  const View out = data_.subspan(at_, count);
  at_ += count;
  return out;
}

Result<void> Cursor::seek(std::uint64_t position) {
  if (position > data_.size())
    return fail(Code::kMalformed, fmt::format("position {:#x} lies past the end ({:#x})", position, data_.size()), place());
  at_ = position;
  return {};
}

Result<std::uint64_t> Cursor::integer(unsigned width, bool big_endian) {
  TRY(field, take(width));
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) value = value << 8 | field[big_endian ? i : width - 1 - i];
  return value;
}

namespace {

template <typename T>
Result<T> narrow(Result<std::uint64_t> value) {
  if (!value) return std::unexpected(std::move(value).error());
  return static_cast<T>(*value);
}

}  // namespace

Result<std::uint8_t> Cursor::u8() { return narrow<std::uint8_t>(integer(1, true)); }
Result<std::uint16_t> Cursor::u16_be() { return narrow<std::uint16_t>(integer(2, true)); }
Result<std::uint32_t> Cursor::u24_be() { return narrow<std::uint32_t>(integer(3, true)); }
Result<std::uint16_t> Cursor::u16_le() { return narrow<std::uint16_t>(integer(2, false)); }
Result<std::uint32_t> Cursor::u32_le() { return narrow<std::uint32_t>(integer(4, false)); }
Result<std::uint64_t> Cursor::u64_le() { return integer(8, false); }

Result<View> slice(View data, std::uint64_t offset, std::uint64_t size, std::string_view what) {
  if (offset > data.size() || size > data.size() - offset)
    return fail(Code::kMalformed, fmt::format("range of {:#x} bytes lies outside {:#x} bytes", size, data.size()),
                fmt::format("{}+{:#x}", what, offset));
  return data.subspan(offset, size);
}

Result<std::string> c_string(View data, std::uint64_t offset, std::string_view what, std::uint64_t limit) {
  const std::uint64_t available = offset <= data.size() ? data.size() - offset : 0;
  TRY(window, slice(data, offset, std::min(limit, available), what));
  const auto end = std::ranges::find(window, std::uint8_t{0});
  if (end == window.end()) return fail(Code::kMalformed, "string has no end", fmt::format("{}+{:#x}", what, offset));
  return std::string(window.begin(), end);
}

}  // namespace tlswhy::bytes
