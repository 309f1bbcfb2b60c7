#include "tls/opening.h"

#include <algorithm>

namespace tlswhy::tls {

using bytes::View;

namespace {

constexpr std::size_t kSearched = 2048, kHead = 9;
constexpr std::size_t kTdsHead = 8;
constexpr std::uint8_t kTdsPrelogin = 0x12, kTdsReply = 4;

std::size_t u16(View data, std::size_t at) { return std::size_t{data[at]} << 8 | data[at + 1]; }

// A record that holds one ClientHello, or its beginning: the two lengths fit. Strict, since any words may stand before.
bool is_whole_hello(View data) {
  constexpr std::size_t kMaxRecord = 1U << 14, kShortest = 41;
  if (data.size() < kHead || !starts_client_hello(data)) return false;
  const std::size_t record = u16(data, 3), message = std::size_t{data[6]} << 16 | u16(data, 7);
  return record <= kMaxRecord && message >= kShortest && (record == message + 4 || (record == kMaxRecord && message + 4 > record));
}

}  // namespace

std::optional<std::size_t> hello_at(View data) {
  if (starts_client_hello(data)) return 0;
  for (std::size_t at = 1; at < std::min(data.size(), kSearched); ++at)
    if (is_whole_hello(data.subspan(at))) return at;
  return std::nullopt;
}

bool may_begin_hello(View data) {
  constexpr std::size_t kTold = 6;  // bytes by which starts_client_hello() tells
  if (data.empty() || data.size() >= kTold || data[0] != 22) return false;
  return (data.size() < 2 || data[1] == 3) && (data.size() < 3 || data[2] <= 4);
}

std::optional<OldHello> old_hello(View data) {
  constexpr std::size_t kFixed = 11;  // length, type, version, three lengths
  if (data.size() < kFixed || (data[0] & 0x80) == 0 || data[2] != 1 || data[3] != 3) return std::nullopt;
  const std::size_t size = (u16(data, 0) & 0x7fff) + 2;
  const std::size_t ciphers = u16(data, 5), session = u16(data, 7), challenge = u16(data, 9);
  if (size > data.size() || size != kFixed + ciphers + session + challenge || ciphers % 3 != 0) return std::nullopt;
  OldHello out;
  out.size = size;
  out.hello.versions = {version_name(static_cast<std::uint16_t>(u16(data, 3)))};
  return out;
}

bool is_tds(View data, std::size_t hello) { return hello == kTdsHead && data[0] == kTdsPrelogin && u16(data, 2) > kTdsHead; }

std::vector<std::uint8_t> TdsUnwrapper::take(View data) {
  std::vector<std::uint8_t> out;
  const auto move = [&](std::vector<std::uint8_t>& to, std::size_t size) {
    to.insert(to.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    data = data.subspan(size);
  };
  while (!data.empty()) {
    if (plain_ || left_ > 0) {
      const std::size_t size = plain_ ? data.size() : std::min(left_, data.size());
      move(out, size);
      left_ -= plain_ ? 0 : size;
      continue;
    }
    move(head_, std::min(kTdsHead - head_.size(), data.size()));
    if (head_[0] != kTdsPrelogin && head_[0] != kTdsReply) {
      plain_ = true;
      out.insert(out.end(), head_.begin(), head_.end());
      continue;
    }
    if (head_.size() < kTdsHead) break;
    const std::size_t size = u16(head_, 2);
    left_ = size > kTdsHead ? size - kTdsHead : 0;
    head_.clear();
  }
  return out;
}

}  // namespace tlswhy::tls
