#pragma once
// From a captured frame to the TCP segment in it: link layers of libpcap (pcap-linktype(7)), VLAN tags (IEEE 802.1Q), IPv4
// (RFC 791), IPv6 with its extension headers (RFC 8200), TCP (RFC 9293). Views point into the frame.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "bytes/cursor.h"

namespace tlswhy::capture {

// An address of either family; IPv4 stands in the last four bytes behind ::ffff: (RFC 4291 §2.5.5.2).
struct Endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
  // "127.0.0.1:443", "[::1]:443".
  [[nodiscard]] std::string text() const;
};

struct Segment {
  Endpoint from, to;
  std::uint32_t sequence = 0;
  bool syn = false, ack = false, fin = false, reset = false;
  bytes::View payload;
};

// A piece of an IP datagram that was cut up.
struct Fragment {
  std::array<std::uint8_t, 16> from{}, to{};
  std::uint32_t identification = 0;
  std::uint32_t offset = 0;  // bytes
  bool more = false;
  std::uint8_t protocol = 0;
  bytes::View payload;
};

struct Packet {
  std::optional<Segment> segment;
  std::optional<Fragment> fragment;
};

// True for the link types that `decode` reads; values are those of pcap_datalink(3).
bool knows_link_type(int link_type);

// What is in one frame; neither member set for anything that is no TCP or is cut off before its end.
Packet decode(int link_type, bytes::View frame);

// The segment of a TCP header with payload, as reassembled from fragments.
std::optional<Segment> decode_tcp(bytes::View data, const std::array<std::uint8_t, 16>& from, const std::array<std::uint8_t, 16>& to);

}  // namespace tlswhy::capture
