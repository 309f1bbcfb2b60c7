#pragma once
// Puts IP datagrams together again (RFC 791 §3.2, RFC 8200 §4.5). At most 256 datagrams are open at a time; the oldest
// gives way.

#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "capture/packet.h"

namespace tlswhy::capture {

class Fragments {
 public:
  // Takes one piece. The bytes of the datagram once all of them are there; they stay valid until the next call.
  std::optional<bytes::View> add(const Fragment& piece);

 private:
  using Key = std::tuple<std::array<std::uint8_t, 16>, std::array<std::uint8_t, 16>, std::uint32_t, std::uint8_t>;
  struct Datagram {
    std::vector<std::uint8_t> bytes;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pieces;  // [from, to), as they came
    std::optional<std::uint32_t> size;
    [[nodiscard]] bool complete() const;
  };
  std::map<Key, Datagram> open_;
  std::deque<Key> order_;
  std::vector<std::uint8_t> done_;
};

}  // namespace tlswhy::capture
