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

// How deep tunnels may be nested.
constexpr int kMostLayers = 8;

Packet decode_ethertype(std::uint16_t type, View data, int depth);
Packet decode_ip(View data, int depth);

std::uint16_t u16(View data, std::size_t at) { return static_cast<std::uint16_t>(data[at] << 8 | data[at + 1]); }

// A header of `size` bytes with the EtherType at `type_at`.
Packet behind(View frame, std::size_t size, std::size_t type_at, int depth) {
  if (frame.size() < size) return {};
  return decode_ethertype(u16(frame, type_at), frame.subspan(size), depth);
}

Packet ethernet(View frame, int depth) { return behind(frame, 14, 12, depth); }

View after(View data, std::size_t size) { return data.subspan(std::min(size, data.size())); }

// RFC 2784, 2890; ERSPAN's types II and III (draft-foschiano-erspan).
Packet gre(View data, int depth) {
  if (data.size() < 4) return {};
  constexpr std::uint8_t kChecksum = 0x80, kRouting = 0x40, kKey = 0x20, kSequence = 0x10;
  constexpr std::uint16_t kErspan2 = 0x88be, kErspan3 = 0x22eb;
  const std::uint8_t flags = data[0];
  if ((data[1] & 7) == 1) return {};  // PPTP's
  const std::size_t size =
      4U + ((flags & (kChecksum | kRouting)) != 0 ? 4U : 0U) + ((flags & kKey) != 0 ? 4U : 0U) + ((flags & kSequence) != 0 ? 4U : 0U);
  const std::uint16_t type = u16(data, 2);
  View rest = after(data, size);
  if (type == kErspan2) return ethernet(after(rest, (flags & kSequence) != 0 ? 8 : 0), depth);
  if (type == kErspan3) return rest.size() < 12 ? Packet{} : ethernet(after(rest, (rest[11] & 1) != 0 ? 20 : 12), depth);
  return decode_ethertype(type, rest, depth);
}

// 3GPP TS 29.281: a G-PDU, whose optional fields and extension headers come first.
Packet gtp(View data, int depth) {
  constexpr std::uint8_t kUserData = 255;
  if (data.size() < 8 || data[0] >> 5 != 1 || data[1] != kUserData) return {};
  View rest = data.subspan(8);
  if ((data[0] & 7) == 0) return decode_ip(rest, depth);
  if (rest.size() < 4) return {};
  std::uint8_t next = rest[3];
  rest = rest.subspan(4);
  for (int headers = 0; next != 0 && headers < 8; ++headers) {
    const std::size_t size = rest.empty() ? 0 : std::size_t{rest[0]} * 4;
    if (size == 0 || size > rest.size()) return {};
    next = rest[size - 1];
    rest = rest.subspan(size);
  }
  return decode_ip(rest, depth);
}

// Tunnels in UDP: VXLAN (RFC 7348, and Linux's old port), Geneve (RFC 8926), GTP-U.
Packet udp(View data, int depth) {
  constexpr std::uint16_t kVxlan = 4789, kVxlanOfLinux = 8472, kGeneve = 6081, kGtp = 2152;
  if (data.size() < 16) return {};
  const std::uint16_t port = u16(data, 2);
  const View rest = data.subspan(8);
  if (port == kVxlan || port == kVxlanOfLinux) return ethernet(rest.subspan(8), depth);
  if (port == kGeneve) return decode_ethertype(u16(rest, 2), after(rest, 8 + std::size_t{rest[0]} % 64 * 4), depth);
  return port == kGtp ? gtp(rest, depth) : Packet{};
}

Packet of_payload(std::uint8_t protocol, View data, const std::array<std::uint8_t, 16>& from, const std::array<std::uint8_t, 16>& to, int depth) {
  constexpr std::uint8_t kIpInIp = 4, kUdp = 17, kIpv6InIp = 41, kGre = 47;
  switch (protocol) {
    case kTcp: return {decode_tcp(data, from, to), std::nullopt};
    case kIpInIp:
    case kIpv6InIp: return decode_ip(data, depth);
    case kGre: return gre(data, depth);
    case kUdp: return udp(data, depth);
    default: return {};
  }
}

Packet decode_ipv4(View data, int depth) {
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
  if (!more && offset == 0) return of_payload(data[9], payload, from, to, depth);
  return {std::nullopt, Fragment{from, to, std::uint32_t{data[4]} << 8 | data[5], offset, more, data[9], payload}};
}

Packet decode_ipv6(View data, int depth) {
  if (data.size() < 40 || data[0] >> 4 != 6) return {};
  const auto from = plain(data.subspan(8, 16)), to = plain(data.subspan(24, 16));
  const std::size_t said = std::size_t{data[4]} << 8 | data[5];
  View rest = data.subspan(40, said == 0 ? data.size() - 40 : std::min(said, data.size() - 40));
  std::uint8_t next = data[6];
  for (int headers = 0; headers < 16; ++headers) {
    constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kDestination = 60;
    if (next != kHopByHop && next != kRouting && next != kFragment && next != kDestination) return of_payload(next, rest, from, to, depth);
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

Packet decode_ip(View data, int depth) {
  if (data.empty() || depth >= kMostLayers) return {};
  return data[0] >> 4 == 6 ? decode_ipv6(data, depth + 1) : decode_ipv4(data, depth + 1);
}

// RFC 3032: four bytes for each label, the last of which says so; what follows is told by its first half byte.
Packet mpls(View data, int depth) {
  for (int labels = 0; labels < 8 && data.size() >= 4; ++labels) {
    const bool last = (data[2] & 1) != 0;
    data = data.subspan(4);
    if (!last) continue;
    // A pseudowire's control word begins with 0 (RFC 4385).
    const std::uint8_t first = data.empty() ? 0 : data[0] >> 4;
    return first == 4 || first == 6 ? decode_ip(data, depth) : ethernet(after(data, 4), depth);
  }
  return {};
}

// RFC 2516, with PPP's own numbers for IPv4 and IPv6.
Packet pppoe(View data, int depth) {
  if (data.size() < 8) return {};
  const std::uint16_t protocol = u16(data, 6);
  return protocol == 0x0021 || protocol == 0x0057 ? decode_ip(data.subspan(8), depth) : Packet{};
}

// IEEE 802.2 with SNAP (RFC 1042).
Packet snap(View data, int depth) {
  const bool is_snap = data.size() >= 8 && data[0] == 0xaa && data[1] == 0xaa && data[2] == 3;
  return is_snap ? decode_ethertype(u16(data, 6), data.subspan(8), depth) : Packet{};
}

Packet decode_ethertype(std::uint16_t type, View data, int depth) {
  constexpr std::uint16_t kMpls = 0x8847, kMplsMulticast = 0x8848, kPppoe = 0x8864, kEthernet = 0x6558, kSecurityTag = 0x8909, kLongestLength = 1500;
  if (depth >= kMostLayers) return {};
  switch (type) {
    case kIpv4: return decode_ipv4(data, depth + 1);
    case kIpv6: return decode_ipv6(data, depth + 1);
    case kVlan:
    case kVlanOuter:
    case kVlanOld: return behind(data, 4, 2, depth + 1);
    case kMpls:
    case kMplsMulticast: return mpls(data, depth + 1);
    case kPppoe: return pppoe(data, depth + 1);
    case kEthernet: return ethernet(data, depth + 1);
    case kSecurityTag: return behind(data, 8, 6, depth + 1);  // Cisco's, of one tag
    default: return type <= kLongestLength ? snap(data, depth + 1) : Packet{};
  }
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
    case DLT_EN10MB: return ethernet(frame, 0);
    case DLT_LINUX_SLL: return behind(frame, 16, 14, 0);
    case DLT_LINUX_SLL2: return behind(frame, 20, 0, 0);
    case DLT_NULL:  // the address family of the capturing host, whose value differs by system: the version nibble tells
    case DLT_LOOP: return frame.size() < 4 ? Packet{} : decode_ip(frame.subspan(4), 0);
    default: return decode_ip(frame, 0);
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
