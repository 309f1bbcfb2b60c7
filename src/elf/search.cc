#include "elf/search.h"

#include <algorithm>
#include <cstring>

namespace tlswhy::elf {

std::optional<std::uint64_t> find_bytes(bytes::View data, std::string_view needle, std::uint64_t from) {
  if (from > data.size()) return std::nullopt;
  // memmem: glibc's two-way search runs at memory speed, a hundred megabytes in some tens of milliseconds.
  const void* hit = ::memmem(data.data() + from, data.size() - from, needle.data(), needle.size());
  if (hit == nullptr) return std::nullopt;
  return static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(hit) - data.data());
}

std::optional<std::string> find_quoted(bytes::View data, std::string_view prefix, char end) {
  constexpr std::uint64_t kLongest = 4096;
  for (auto at = find_bytes(data, prefix); at; at = find_bytes(data, prefix, *at + prefix.size())) {
    const std::uint64_t start = *at + prefix.size();
    const bytes::View window = data.subspan(start, std::min<std::uint64_t>(kLongest, data.size() - start));
    const auto stop = std::ranges::find_if(window, [end](std::uint8_t c) { return c == static_cast<std::uint8_t>(end) || c < 0x20; });
    if (stop != window.end() && *stop == static_cast<std::uint8_t>(end)) return std::string(window.begin(), stop);
  }
  return std::nullopt;
}

}  // namespace tlswhy::elf
