#include "capture/stream.h"

#include <algorithm>

namespace tlswhy::capture {
namespace {

constexpr std::size_t kMaxWaiting = 128U << 10;

}  // namespace

bool Stream::add(std::uint32_t sequence, bytes::View payload, const Sink& sink) {
  if (payload.empty()) return true;
  // What is far from where a SYN said that it begins: that one did not belong here.
  if (!known_ || (!carried() && !in_window(sequence))) begin(sequence);
  const auto distance = static_cast<std::int32_t>(sequence - next_);
  if (distance <= 0) {
    const auto old = static_cast<std::size_t>(-static_cast<std::int64_t>(distance));
    if (old >= payload.size()) return true;  // all of it has been seen
    const bytes::View fresh = payload.subspan(old);
    next_ += static_cast<std::uint32_t>(fresh.size());
    passed_ += fresh.size();
    sink(fresh);
    if (!early_.empty()) flush(sink);
    return true;
  }
  if (waiting_ + payload.size() > kMaxWaiting) return false;
  const auto [entry, first] = early_.try_emplace(passed_ + static_cast<std::uint64_t>(distance));
  if (entry->second.size() >= payload.size()) return true;
  waiting_ += payload.size() - entry->second.size();
  // The longer copy, with the bytes of the first one kept.
  entry->second.insert(entry->second.end(), payload.begin() + static_cast<std::ptrdiff_t>(entry->second.size()), payload.end());
  return true;
}

void Stream::flush(const Sink& sink) {
  while (!early_.empty() && early_.begin()->first <= passed_) {
    const std::uint64_t at = early_.begin()->first;
    const std::vector<std::uint8_t> bytes = std::move(early_.begin()->second);
    early_.erase(early_.begin());
    waiting_ -= bytes.size();
    if (at + bytes.size() <= passed_) continue;
    const bytes::View fresh = bytes::View(bytes).subspan(passed_ - at);
    next_ += static_cast<std::uint32_t>(fresh.size());
    passed_ += fresh.size();
    sink(fresh);
  }
}

void Stream::drop() {
  early_.clear();
  waiting_ = 0;
}

}  // namespace tlswhy::capture
