// Captures made by hand: every link type, damage of every kind, and always the same conversation to be found.

#include <gtest/gtest.h>
#include <pcap/dlt.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "capture/flows.h"
#include "capture/secrets_blocks.h"

namespace tlswhy::capture {
namespace {

using Octets = std::vector<std::uint8_t>;

void put16(Octets& out, unsigned value) { out.push_back(static_cast<std::uint8_t>(value >> 8)), out.push_back(static_cast<std::uint8_t>(value)); }
void put32(Octets& out, std::uint32_t value) { put16(out, value >> 16), put16(out, value & 0xffff); }

// A ClientHello for TLS 1.2 with the name "unit.test", and a fatal alert 48: enough to be told.
Octets hello() {
  Octets extensions;
  const std::string name = "unit.test";
  put16(extensions, 0), put16(extensions, static_cast<unsigned>(name.size() + 5)), put16(extensions, static_cast<unsigned>(name.size() + 3));
  extensions.push_back(0), put16(extensions, static_cast<unsigned>(name.size()));
  extensions.insert(extensions.end(), name.begin(), name.end());
  Octets body{3, 3};
  body.resize(34);
  body.insert(body.end(), {0, 0, 2, 0x13, 1, 1, 0});
  put16(body, static_cast<unsigned>(extensions.size()));
  body.insert(body.end(), extensions.begin(), extensions.end());
  Octets out{22, 3, 1};
  put16(out, static_cast<unsigned>(body.size() + 4));
  out.insert(out.end(), {1, 0});
  put16(out, static_cast<unsigned>(body.size()));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}
const Octets kAlert{21, 3, 3, 0, 2, 2, 48};

Octets tcp(bool from_client, std::uint32_t sequence, std::uint8_t flags, bytes::View payload) {
  Octets out;
  put16(out, from_client ? 40000 : 443), put16(out, from_client ? 443 : 40000);
  put32(out, sequence), put32(out, 0);
  out.insert(out.end(), {0x50, flags});
  put16(out, 65535), put32(out, 0);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

Octets ipv4(bool from_client, const Octets& inside, unsigned id = 1, unsigned pieces = 0) {
  Octets out{0x45, 0};
  put16(out, static_cast<unsigned>(20 + inside.size()));
  put16(out, id), put16(out, pieces);
  out.insert(out.end(), {64, 6, 0, 0});
  for (const std::uint8_t last : {std::uint8_t(from_client ? 1 : 2), std::uint8_t(from_client ? 2 : 1)}) out.insert(out.end(), {10, 0, 0, last});
  out.insert(out.end(), inside.begin(), inside.end());
  return out;
}

Octets ipv6(bool from_client, const Octets& inside, std::uint8_t next = 6) {
  Octets out{0x60, 0, 0, 0};
  put16(out, static_cast<unsigned>(inside.size()));
  out.insert(out.end(), {next, 64});
  for (const std::uint8_t last : {std::uint8_t(from_client ? 1 : 2), std::uint8_t(from_client ? 2 : 1)})
    out.resize(out.size() + 15), out.push_back(last);
  out.insert(out.end(), inside.begin(), inside.end());
  return out;
}

Octets framed(int link_type, const Octets& ip, unsigned vlans = 0) {
  const unsigned type = ip[0] >> 4 == 6 ? 0x86dd : 0x0800;
  Octets out;
  if (link_type == DLT_EN10MB) {
    out.resize(12);
    for (unsigned i = 0; i < vlans; ++i) put16(out, i == 0 && vlans > 1 ? 0x88a8 : 0x8100), put16(out, 7);
    put16(out, type);
  } else if (link_type == DLT_LINUX_SLL) {
    out.resize(14), put16(out, type);
  } else if (link_type == DLT_LINUX_SLL2) {
    put16(out, type), out.resize(20);
  } else if (link_type == DLT_NULL || link_type == DLT_LOOP) {
    out = {2, 0, 0, 0};
  }
  out.insert(out.end(), ip.begin(), ip.end());
  if (link_type == DLT_EN10MB && out.size() < 60) out.resize(60);
  return out;
}

struct Told {
  std::string name, alert, client, server;
  bool incomplete = false;
};

// Feeds frames and returns what was told.
std::vector<Told> run(int link_type, const std::vector<Octets>& frames) {
  std::vector<Told> out;
  Flows flows([&](const SeenHandshake& seen) {
    const auto alert = seen.conversation->alert();
    out.push_back({seen.conversation->client_hello()->servername, alert ? tls::alert_name(alert->code) : "", seen.client.text(), seen.server.text(),
                   seen.incomplete_capture});
  });
  for (const Octets& frame : frames) flows.frame(link_type, frame);
  flows.finish();
  return out;
}

// The conversation as TCP segments: SYN, SYN+ACK, the hello in `pieces`, the server's data none, the alert, FIN.
std::vector<Octets> segments(std::size_t pieces, std::uint32_t start = 1000) {
  std::vector<Octets> out{tcp(true, start, 2, {}), tcp(false, 5000, 0x12, {})};
  const Octets data = hello();
  const std::size_t step = (data.size() + pieces - 1) / pieces;
  for (std::size_t at = 0; at < data.size(); at += step)
    out.push_back(tcp(true, start + 1 + static_cast<std::uint32_t>(at), 0x18, bytes::View(data).subspan(at, std::min(step, data.size() - at))));
  out.push_back(tcp(true, start + 1 + static_cast<std::uint32_t>(data.size()), 0x18, kAlert));
  out.push_back(tcp(true, start + 8 + static_cast<std::uint32_t>(data.size()), 0x11, {}));
  return out;
}

std::vector<Octets> over(int link_type, const std::vector<Octets>& all, bool six = false, unsigned vlans = 0) {
  std::vector<Octets> out;
  for (const Octets& one : all) {
    const bool from_client = one[0] == 40000 >> 8;
    out.push_back(framed(link_type, six ? ipv6(from_client, one) : ipv4(from_client, one), vlans));
  }
  return out;
}

void expect_found(const std::vector<Told>& told, bool six = false) {
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].name, "unit.test");
  EXPECT_EQ(told[0].alert, "unknown_ca");
  EXPECT_EQ(told[0].client, six ? "[::1]:40000" : "10.0.0.1:40000");
  EXPECT_EQ(told[0].server, six ? "[::2]:443" : "10.0.0.2:443");
}

TEST(Capture, EveryLinkTypeAndFamily) {
  for (const int link_type : {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL, DLT_LOOP, DLT_RAW, DLT_IPV4}) {
    SCOPED_TRACE(link_type);
    ASSERT_TRUE(knows_link_type(link_type));
    expect_found(run(link_type, over(link_type, segments(1))));
    if (link_type != DLT_IPV4) expect_found(run(link_type, over(link_type, segments(1), true)), true);
  }
  EXPECT_FALSE(knows_link_type(DLT_IEEE802_11));
}

TEST(Capture, VlanTagsNest) {
  for (const unsigned tags : {1U, 2U}) expect_found(run(DLT_EN10MB, over(DLT_EN10MB, segments(1), false, tags)));
}

TEST(Capture, PiecesReorderedDoubledAndOverlapping) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    auto all = segments(6, round % 2 == 0 ? 1000 : 0xffffff80);  // the numbers wrap as well
    std::shuffle(all.begin() + 2, all.end() - 2, random);
    all.insert(all.begin() + 4, all[3]);  // a retransmission
    const Octets data = hello();
    all.insert(all.begin() + 3, tcp(true, (round % 2 == 0 ? 1000U : 0xffffff80U) + 4, 0x18, bytes::View(data).subspan(3, 40)));  // an overlap
    expect_found(run(DLT_RAW, over(DLT_RAW, all)));
  }
}

TEST(Capture, ALostSegmentIsToldAsSuch) {
  auto all = segments(4);
  all.erase(all.end() - 3);  // the hello's last piece: the alert can't be placed
  EXPECT_TRUE(run(DLT_RAW, over(DLT_RAW, all)).empty());
  auto late = segments(1);
  late.erase(late.begin(), late.begin() + 2);  // captured from the ClientHello on
  const auto told = run(DLT_RAW, over(DLT_RAW, late));
  expect_found(told);
  EXPECT_TRUE(told[0].incomplete);
}

TEST(Capture, IpFragmentsInAnyOrder) {
  const auto all = segments(1);
  std::vector<Octets> frames;
  unsigned id = 0;
  for (const Octets& one : all) {
    const bool from_client = one[0] == 40000 >> 8;
    ++id;
    if (one.size() <= 24) {
      frames.push_back(ipv4(from_client, one, id));
      continue;
    }
    std::vector<Octets> pieces;
    for (std::size_t at = 0; at < one.size(); at += 16) {
      const bool more = at + 16 < one.size();
      pieces.push_back(
          ipv4(from_client,
               Octets(one.begin() + static_cast<std::ptrdiff_t>(at), one.begin() + static_cast<std::ptrdiff_t>(std::min(at + 16, one.size()))), id,
               static_cast<unsigned>(at / 8) | (more ? 0x2000U : 0U)));
    }
    std::ranges::reverse(pieces);
    frames.insert(frames.end(), pieces.begin(), pieces.end());
  }
  expect_found(run(DLT_RAW, frames));
}

TEST(Capture, ExtensionHeadersOfIpv6) {
  std::vector<Octets> frames;
  for (const Octets& one : segments(1)) {
    Octets inside{60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0};  // hop-by-hop, then destination options
    inside.insert(inside.end(), one.begin(), one.end());
    frames.push_back(ipv6(one[0] == 40000 >> 8, inside, 0));
  }
  expect_found(run(DLT_RAW, frames), true);
}

TEST(Capture, ThePortsAreUsedAgain) {
  auto frames = over(DLT_RAW, segments(1));
  const auto again = over(DLT_RAW, segments(2, 90000));
  frames.insert(frames.end(), again.begin(), again.end());
  EXPECT_EQ(run(DLT_RAW, frames).size(), 2U);
}

// A ClientHello on each of more connections than are kept: none is lost in silence, and the oldest go first.
TEST(Capture, MoreConnectionsThanAreKept) {
  std::uint64_t told = 0;
  Flows flows([&](const SeenHandshake&) { ++told; });
  const Octets data = hello();
  constexpr unsigned kMany = 50'000;
  for (unsigned i = 0; i < kMany; ++i) {
    Octets frame = ipv4(true, tcp(true, 1, 0x18, data), i & 0xffff);
    frame[13] = static_cast<std::uint8_t>(i >> 16), frame[14] = static_cast<std::uint8_t>(i >> 8), frame[15] = static_cast<std::uint8_t>(i);
    flows.frame(DLT_RAW, frame);
  }
  EXPECT_GE(flows.given_up(), 10'000U);
  EXPECT_EQ(told, flows.given_up());
  flows.finish();
  EXPECT_EQ(told, kMany);
}

TEST(Capture, TruncatedFramesAreNothing) {
  for (const Octets& frame : over(DLT_EN10MB, segments(1)))
    for (std::size_t size = 0; size < frame.size(); ++size) (void)decode(DLT_EN10MB, bytes::View(frame).first(size));
}

TEST(SecretsBlocks, FoundInPiecesOfAnySizeInBothOrders) {
  const std::string line = "CLIENT_RANDOM " + std::string(64, 'b') + " 0011";
  for (const bool big : {false, true}) {
    Octets file;
    const auto put = [&](std::uint32_t value) {
      for (int i = 0; i < 4; ++i) file.push_back(static_cast<std::uint8_t>(value >> (big ? 24 - 8 * i : 8 * i)));
    };
    put(0x0a0d0d0a), put(28), put(0x1a2b3c4d), put(1), put(0xffffffff), put(0xffffffff), put(28);
    put(6), put(16), put(7), put(16);  // some block between
    const auto padded = static_cast<std::uint32_t>((line.size() + 3) / 4 * 4);
    put(10), put(20 + padded), put(0x544c534b), put(static_cast<std::uint32_t>(line.size()));
    file.insert(file.end(), line.begin(), line.end());
    file.resize(file.size() + padded - line.size());
    put(20 + padded);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, file.size()}) {
      tls::KeyLog keys;
      SecretsBlocks blocks(keys);
      for (std::size_t at = 0; at < file.size(); at += step) blocks.feed(bytes::View(file).subspan(at, std::min(step, file.size() - at)));
      EXPECT_EQ(keys.size(), 1U) << big << ' ' << step;
    }
  }
}

// The frames of a conversation, each wrapped by `wrap`, which gets a frame's IP packet.
template <typename Wrap>
std::vector<Octets> wrapped(Wrap wrap) {
  std::vector<Octets> out;
  for (const Octets& one : segments(1)) out.push_back(wrap(ipv4(one[0] == 40000 >> 8, one)));
  return out;
}

Octets join(Octets one, const Octets& other) { return one.insert(one.end(), other.begin(), other.end()), one; }

// An Ethernet frame with this type.
Octets typed(unsigned type, const Octets& inside) {
  Octets out(12);
  put16(out, type);
  return join(out, inside);
}

Octets ip_of(std::uint8_t protocol, const Octets& inside) {
  Octets out = ipv4(true, inside);
  out[9] = protocol;
  return out;
}

Octets udp_to(unsigned port, const Octets& inside) {
  Octets out;
  put16(out, 50000), put16(out, port), put16(out, static_cast<unsigned>(inside.size() + 8)), put16(out, 0);
  return ip_of(17, join(out, inside));
}

TEST(Capture, Tunnels) {
  const std::map<std::string, std::function<Octets(const Octets&)>> all{
      {"GRE", [](const Octets& ip) { return typed(0x0800, ip_of(47, join({0, 0, 8, 0}, ip))); }},
      {"GRE with key and sequence", [](const Octets& ip) { return typed(0x0800, ip_of(47, join({0x30, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 2}, ip))); }},
      {"ERSPAN",
       [](const Octets& ip) { return typed(0x0800, ip_of(47, join(join({0x10, 0, 0x88, 0xbe, 0, 0, 0, 1}, Octets(8)), typed(0x0800, ip)))); }},
      {"IP in IP", [](const Octets& ip) { return typed(0x0800, ip_of(4, ip)); }},
      {"MPLS", [](const Octets& ip) { return typed(0x8847, join({0, 1, 0, 64, 0, 2, 1, 64}, ip)); }},
      {"PPPoE", [](const Octets& ip) { return typed(0x8864, join({0x11, 0, 0, 1, 0, 9, 0, 0x21}, ip)); }},
      {"SNAP", [](const Octets& ip) { return typed(100, join({0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, ip)); }},
      {"security tag", [](const Octets& ip) { return typed(0x8909, join({1, 1, 0, 1, 0, 7, 8, 0}, ip)); }},
      {"VXLAN", [](const Octets& ip) { return typed(0x0800, udp_to(4789, join({8, 0, 0, 0, 0, 0, 1, 0}, typed(0x0800, ip)))); }},
      {"Geneve", [](const Octets& ip) { return typed(0x0800, udp_to(6081, join({1, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2, 3, 4}, typed(0x0800, ip)))); }},
      {"GTP-U", [](const Octets& ip) { return typed(0x0800, udp_to(2152, join({0x30, 255, 0, 9, 0, 0, 0, 1}, ip))); }}};
  for (const auto& [name, wrap] : all) {
    const auto told = run(DLT_EN10MB, wrapped(wrap));
    ASSERT_EQ(told.size(), 1U) << name;
    EXPECT_EQ(told[0].alert, "unknown_ca") << name;
  }
  // A tunnel in a tunnel in a tunnel ends somewhere.
  Octets deep = ipv4(true, {});
  for (int i = 0; i < 100; ++i) deep = ip_of(4, deep);
  EXPECT_TRUE(run(DLT_EN10MB, {typed(0x0800, deep)}).empty());
}

TEST(Capture, ASynAgainIsNoNewConnection) {
  auto frames = over(DLT_EN10MB, segments(1));
  frames.insert(frames.begin() + 3, Octets(frames.front()));
  const auto told = run(DLT_EN10MB, frames);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].alert, "unknown_ca");
}

}  // namespace
}  // namespace tlswhy::capture
