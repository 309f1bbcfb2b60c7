#include "elf/search.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tlswhy::elf {

std::optional<std::uint64_t> find_bytes(bytes::View data, std::string_view needle, std::uint64_t from) {
  if (from >= data.size()) return std::nullopt;  // memmem(3) takes no null pointer either
  // memmem: glibc's two-way search runs at memory speed, a hundred megabytes in some tens of milliseconds.
  const void* hit = ::memmem(data.data() + from, data.size() - from, needle.data(), needle.size());
  if (hit == nullptr) return std::nullopt;
  return static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(hit) - data.data());
}

namespace {

constexpr unsigned kBits = 12;
constexpr std::size_t kKey = sizeof(std::uint32_t);

// Multiplicative hashing (Knuth, volume 3, 6.4) of four bytes.
std::size_t hash_at(const void* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, kKey);
  return (word * 2654435761U) >> (32U - kBits);
}

}  // namespace

Texts::Texts(std::span<const std::string_view> needles)
    : needles_(needles.begin(), needles.end()), found_(needles.size()), first_(std::size_t{1} << kBits), next_(needles.size()) {
  for (std::size_t i = 0; i < needles.size(); ++i) {
    std::uint8_t& slot = first_[hash_at(needles[i].data())];
    next_[i] = std::exchange(slot, static_cast<std::uint8_t>(i + 1));
  }
}

// Nearly every place is decided by one look at the table; four at a time, which the processor does side by side.
void Texts::search(bytes::View part, std::size_t size) {
  constexpr std::size_t kStride = 4;
  if (part.size() < kKey) return;
  const std::uint8_t* const data = part.data();
  const std::uint8_t* const first = first_.data();  // a byte may alias anything: else it is loaded anew each time
  const std::size_t end = std::min(size, part.size() - kKey + 1);
  std::size_t at = 0;
  for (; at + kStride <= end; at += kStride) {
    const unsigned any = first[hash_at(data + at)] | first[hash_at(data + at + 1)] | first[hash_at(data + at + 2)] | first[hash_at(data + at + 3)];
    if (any == 0) continue;
    for (std::size_t i = at; i < at + kStride; ++i) look(part, i);
  }
  for (; at < end; ++at) look(part, at);
}

// Whether needles with the hash of this place stand here.
void Texts::look(bytes::View part, std::size_t at) {
  constexpr std::size_t kMaxPlaces = 8;
  for (std::size_t number = first_[hash_at(part.data() + at)]; number != 0; number = next_[number - 1]) {
    const std::string_view needle = needles_[number - 1];
    std::vector<std::uint8_t>& found = found_[number - 1];
    if (found.size() > (kMaxPlaces - 1) * kContext || needle.size() > part.size() - at) continue;
    if (std::memcmp(part.data() + at, needle.data(), needle.size()) != 0) continue;
    const bytes::View from = part.subspan(at, std::min(kContext - 1, part.size() - at));
    found.insert(found.end(), from.begin(), from.end());
    found.push_back(0);
  }
}

void Texts::search(const ElfFile& file) {
  for (const Range& part : file.data_parts())
    if (const auto view = bytes::slice(file.data(), part.offset, part.size, "elf")) search(*view, view->size());
}

void Texts::append(const Texts& behind) {
  for (std::size_t i = 0; i < found_.size(); ++i) found_[i].insert(found_[i].end(), behind.found_[i].begin(), behind.found_[i].end());
}

bytes::View Texts::find(std::string_view needle) const {
  const auto at = std::ranges::find(needles_, needle);
  return at == needles_.end() ? bytes::View{} : bytes::View(found_[static_cast<std::size_t>(at - needles_.begin())]);
}

void find_places(bytes::View window, std::size_t size, std::vector<std::string>& out) {
  using std::string_view_literals::operator""sv;
  constexpr std::size_t kMost = 100;
  const auto printable = [](std::uint8_t c) { return c > 0x20 && c < 0x7f; };
  for (const std::string_view ending : {".crt\0"sv, ".pem\0"sv, "/certs\0"sv, "/certs/\0"sv})
    for (auto at = find_bytes(window, ending); at; at = find_bytes(window, ending, *at + ending.size())) {
      std::uint64_t begin = *at;
      while (begin > 0 && *at - begin < kLongestPlace && printable(window[begin - 1])) --begin;
      if (begin == 0 || begin > size || window[begin - 1] != 0 || window[begin] != '/') continue;
      const auto text = window.subspan(begin, *at + ending.size() - 1 - begin);
      std::string path(text.begin(), text.end());
      if (out.size() < kMost && std::ranges::count(out, path) == 0) out.push_back(std::move(path));
    }
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
