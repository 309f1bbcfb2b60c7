#include "capture/secrets_blocks.h"

#include <algorithm>

namespace tlswhy::capture {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a, kSecrets = 10, kTlsKeyLog = 0x544c534b;
constexpr std::uint64_t kHeader = 12;             // type, length, and the byte-order magic of a section header
constexpr std::uint64_t kMaxSecrets = 16U << 20;  // a larger block is passed over

}  // namespace

std::uint32_t SecretsBlocks::number(std::size_t at) const {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8 | held_[at + (big_endian_ ? i : 3 - i)];
  return out;
}

void SecretsBlocks::feed(bytes::View data) {
  while (!data.empty() && !off_) {
    if (skip_ > 0) {
      const std::uint64_t step = std::min<std::uint64_t>(skip_, data.size());
      skip_ -= step;
      data = data.subspan(step);
      continue;
    }
    const std::uint64_t step = std::min<std::uint64_t>(wanted_ - held_.size(), data.size());
    held_.insert(held_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(step));
    data = data.subspan(step);
    if (held_.size() < wanted_) return;
    if (inside_)
      block();
    else
      header();
  }
}

void SecretsBlocks::header() {
  constexpr std::uint32_t kMagic = 0x1a2b3c4d, kMagicSwapped = 0x4d3c2b1a;
  if (number(0) == kSectionHeader) {  // a palindrome: the same in both orders
    if (number(8) == kMagicSwapped) big_endian_ = !big_endian_;
    off_ = number(8) != kMagic;
  } else if (first_) {
    off_ = true;
  }
  first_ = false;
  const std::uint64_t length = (std::uint64_t{number(4)} + 3) / 4 * 4;
  if (length < kHeader) off_ = true;
  if (off_) return;
  if (number(0) == kSecrets && length <= kMaxSecrets && length > kHeader) {
    inside_ = true;
    wanted_ = length;
    return;
  }
  skip_ = length - kHeader;
  held_.clear();
}

// Block type, block length, secrets type, secrets length, the secrets, padding, block length.
void SecretsBlocks::block() {
  constexpr std::size_t kStart = 16;
  if (held_.size() >= kStart && number(8) == kTlsKeyLog) {
    const std::size_t size = std::min<std::size_t>(number(12), held_.size() - kStart);
    keys_.add({reinterpret_cast<const char*>(held_.data()) + kStart, size});
    keys_.add("\n");  // the last line may lack its end
  }
  inside_ = false;
  wanted_ = kHeader;
  held_.clear();
}

}  // namespace tlswhy::capture
