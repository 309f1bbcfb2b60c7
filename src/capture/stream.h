#pragma once
// One direction of a TCP connection, put in order: retransmissions, overlaps and segments that come early. What was
// captured first counts where copies differ, as receivers do it. Sequence numbers wrap (RFC 9293 §3.4).

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "bytes/cursor.h"

namespace tlswhy::capture {

class Stream {
 public:
  using Sink = std::function<void(bytes::View)>;
  // The number of the first byte to come, as a SYN tells.
  void begin(std::uint32_t sequence) { first_ = next_ = sequence, known_ = true; }
  [[nodiscard]] bool began_at(std::uint32_t sequence) const { return known_ && first_ == sequence; }
  [[nodiscard]] bool carried() const { return passed_ > 0 || waiting_ > 0; }
  [[nodiscard]] bool begun() const { return known_; }
  // Whether a segment with this number can be of this stream now: receivers drop what is outside of their window.
  [[nodiscard]] bool in_window(std::uint32_t sequence) const { return !known_ || sequence - next_ < kWindow; }

  // Takes a segment; gives `sink` whatever is in order now. False when a hole will not be filled any more: more than
  // 128 KiB wait behind it.
  bool add(std::uint32_t sequence, bytes::View payload, const Sink& sink);
  // Bytes that wait behind a hole.
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  // Forgets them.
  void drop();

 private:
  static constexpr std::uint32_t kWindow = 1U << 20;
  void flush(const Sink& sink);
  std::uint32_t first_ = 0, next_ = 0;
  bool known_ = false;
  std::size_t waiting_ = 0;
  std::map<std::uint64_t, std::vector<std::uint8_t>> early_;  // by the distance from the first byte ever
  std::uint64_t passed_ = 0;                                  // bytes given away so far
};

}  // namespace tlswhy::capture
