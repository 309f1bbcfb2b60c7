// Bites: an Ethernet frame is padded to 60 bytes, so the IP header's length counts, not the frame's; with segmentation
// offload that length is 0 and the frame's counts; VLAN tags nest; a fragment's first piece carries the TCP header.

#include "capture/packet.h"

#include <arpa/inet.h>
#include <pcap/dlt.h>

#include <algorithm>

#include "base/socket.h"

namespace tlswhy::capture {

using bytes::View;

namespace {

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kVlan = 0x8100, kVlanOuter = 0x88a8, kVlanOld = 0x9100;
constexpr std::uint8_t kTcp = 6;
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::array<std::uint8_t, 16> mapped(View ipv4) {
  std::array<std::uint8_t, 16> out{};
  std::ranges::copy(kMapped, out.begin());
  std::ranges::copy(ipv4, out.begin() + 12);
  return out;
}

std::array<std::uint8_t, 16> plain(View ipv6) {
  std::array<std::uint8_t, 16> out{};
  std::ranges::copy(ipv6, out.begin());
  return out;
}

Packet of_payload(std::uint8_t protocol, View data, const std::array<std::uint8_t, 16>& from, const std::array<std::uint8_t, 16>& to) {
  if (protocol != kTcp) return {};
  return {decode_tcp(data, from, to), std::nullopt};
}

Packet decode_ipv4(View data) {
  if (data.size() < 20 || data[0] >> 4 != 4) return {};
  const std::size_t header = std::size_t{data[0]} % 16 * 4;
  const std::size_t said = std::size_t{data[2]} << 8 | data[3];
  const std::size_t total = said == 0 ? data.size() : std::min(said, data.size());
  if (header < 20 || header > total) return {};
  const auto from = mapped(data.subspan(12, 4)), to = mapped(data.subspan(16, 4));
  const View payload = data.subspan(header, total - header);
  const std::uint32_t pieces = std::uint32_t{data[6]} << 8 | data[7];
  const bool more = (pieces & 0x2000) != 0;
  const std::uint32_t offset = (pieces & 0x1fff) * 8;
  if (!more && offset == 0) return of_payload(data[9], payload, from, to);
  return {std::nullopt, Fragment{from, to, std::uint32_t{data[4]} << 8 | data[5], offset, more, data[9], payload}};
}

Packet decode_ipv6(View data) {
  if (data.size() < 40 || data[0] >> 4 != 6) return {};
  const auto from = plain(data.subspan(8, 16)), to = plain(data.subspan(24, 16));
  const std::size_t said = std::size_t{data[4]} << 8 | data[5];
  View rest = data.subspan(40, said == 0 ? data.size() - 40 : std::min(said, data.size() - 40));
  std::uint8_t next = data[6];
  for (int headers = 0; headers < 16; ++headers) {
    constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kDestination = 60;
    if (next != kHopByHop && next != kRouting && next != kFragment && next != kDestination) return of_payload(next, rest, from, to);
    if (rest.size() < 8) return {};
    if (next == kFragment) {
      const std::uint32_t pieces = std::uint32_t{rest[2]} << 8 | rest[3];
      const std::uint32_t id = std::uint32_t{rest[4]} << 24 | std::uint32_t{rest[5]} << 16 | std::uint32_t{rest[6]} << 8 | rest[7];
      if (pieces >> 3 != 0 || (pieces & 1) != 0)
        return {std::nullopt, Fragment{from, to, id, pieces & 0xfff8, (pieces & 1) != 0, rest[0], rest.subspan(8)}};
      next = rest[0];
      rest = rest.subspan(8);
      continue;
    }
    const std::size_t size = (std::size_t{rest[1]} + 1) * 8;
    if (size > rest.size()) return {};
    next = rest[0];
    rest = rest.subspan(size);
  }
  return {};
}

Packet decode_ip(View data) {
  if (data.empty()) return {};
  return data[0] >> 4 == 6 ? decode_ipv6(data) : decode_ipv4(data);
}

Packet decode_ethertype(std::uint16_t type, View data) {
  for (int tags = 0; tags < 4 && (type == kVlan || type == kVlanOuter || type == kVlanOld); ++tags) {
    if (data.size() < 4) return {};
    type = static_cast<std::uint16_t>(data[2] << 8 | data[3]);
    data = data.subspan(4);
  }
  if (type == kIpv4) return decode_ipv4(data);
  return type == kIpv6 ? decode_ipv6(data) : Packet{};
}

// A header of `size` bytes with the EtherType at `type_at`.
Packet behind(View frame, std::size_t size, std::size_t type_at) {
  if (frame.size() < size) return {};
  return decode_ethertype(static_cast<std::uint16_t>(frame[type_at] << 8 | frame[type_at + 1]), frame.subspan(size));
}

}  // namespace

std::string Endpoint::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool four = std::equal(kMapped.begin(), kMapped.end(), address.begin());
  ::inet_ntop(four ? AF_INET : AF_INET6, address.data() + (four ? kMapped.size() : 0), out.data(), out.size());
  return base::endpoint_text(out.data(), port);
}

bool knows_link_type(int link_type) {
  switch (link_type) {
    case DLT_EN10MB:
    case DLT_LINUX_SLL:
    case DLT_LINUX_SLL2:
    case DLT_NULL:
    case DLT_LOOP:
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6: return true;
    default: return false;
  }
}

Packet decode(int link_type, View frame) {
  switch (link_type) {
    case DLT_EN10MB: return behind(frame, 14, 12);
    case DLT_LINUX_SLL: return behind(frame, 16, 14);
    case DLT_LINUX_SLL2: return behind(frame, 20, 0);
    case DLT_NULL:  // the address family of the capturing host, whose value differs by system: the version nibble tells
    case DLT_LOOP: return frame.size() < 4 ? Packet{} : decode_ip(frame.subspan(4));
    default: return decode_ip(frame);
  }
}

std::optional<Segment> decode_tcp(View data, const std::array<std::uint8_t, 16>& from, const std::array<std::uint8_t, 16>& to) {
  if (data.size() < 20) return std::nullopt;
  const std::size_t header = std::size_t{data[12]} / 16 * 4;
  if (header < 20 || header > data.size()) return std::nullopt;
  Segment out;
  out.from = {from, static_cast<std::uint16_t>(data[0] << 8 | data[1])};
  out.to = {to, static_cast<std::uint16_t>(data[2] << 8 | data[3])};
  out.sequence = std::uint32_t{data[4]} << 24 | std::uint32_t{data[5]} << 16 | std::uint32_t{data[6]} << 8 | data[7];
  out.fin = (data[13] & 1) != 0;
  out.syn = (data[13] & 2) != 0;
  out.reset = (data[13] & 4) != 0;
  out.ack = (data[13] & 16) != 0;
  out.payload = data.subspan(header);
  return out;
}

}  // namespace tlswhy::capture
