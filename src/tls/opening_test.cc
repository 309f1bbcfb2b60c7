#include "tls/opening.h"

#include <gtest/gtest.h>

#include <string>

#include "tls/conversation.h"

namespace tlswhy::tls {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets(std::string_view text) { return {text.begin(), text.end()}; }
Octets operator+(Octets one, const Octets& other) { return one.insert(one.end(), other.begin(), other.end()), one; }

// The smallest ClientHello: version, random, no session, one cipher, no compression, no extensions.
Octets hello() {
  Octets body{3, 3};
  body.resize(34);
  body = body + Octets{0, 0, 2, 0x13, 1, 1, 0};
  const auto size = static_cast<std::uint8_t>(body.size());
  return Octets{22, 3, 1, 0, static_cast<std::uint8_t>(size + 4), 1, 0, 0, size} + body;
}

Octets packet_of_tds(std::uint8_t type, const Octets& inside) {
  return Octets{type, 1, 0, static_cast<std::uint8_t>(inside.size() + 8), 0, 0, 1, 0} + inside;
}

const Octets kFatal{21, 3, 3, 0, 2, 2, 40};

TEST(Opening, BehindOtherWords) {
  EXPECT_EQ(hello_at(hello()), 0U);
  const Octets proxy = octets("PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n");
  EXPECT_EQ(hello_at(proxy + hello()), proxy.size());
  EXPECT_FALSE(hello_at(proxy));
  EXPECT_FALSE(hello_at(octets("GET / HTTP/1.1\r\n\r\n") + Octets{22, 3, 1, 0, 9, 1, 0, 0, 7}));  // the lengths don't fit
  EXPECT_FALSE(hello_at({}));
}

TEST(Opening, InSmallPieces) {
  for (const std::size_t first : {1U, 2U, 3U, 5U}) {
    Conversation seen;
    const Octets all = hello();
    seen.feed(Side::kClient, bytes::View(all).first(first));
    EXPECT_FALSE(seen.is_tls()) << first;
    seen.feed(Side::kClient, bytes::View(all).subspan(first));
    EXPECT_TRUE(seen.is_tls()) << first;
  }
}

TEST(Opening, NamesWhatWentBefore) {
  Octets mysql{32, 0, 0, 1};
  mysql.resize(36);
  for (const auto& [before, name] : {std::pair{octets("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), "PROXY header"}, {mysql, "SSLRequest (MySQL)"}}) {
    Conversation seen;
    seen.feed(Side::kClient, before + hello());
    EXPECT_TRUE(seen.is_tls()) << name;
    EXPECT_EQ(seen.prelude(), name);
  }
}

TEST(Opening, InsideTds) {
  Conversation seen;
  seen.feed(Side::kClient, packet_of_tds(0x12, octets("prelogin")));
  seen.feed(Side::kServer, packet_of_tds(4, octets("answer")));
  seen.feed(Side::kClient, packet_of_tds(0x12, hello()));
  ASSERT_TRUE(seen.is_tls());
  EXPECT_EQ(seen.prelude(), "PRELOGIN (TDS)");
  const Octets reply = packet_of_tds(4, kFatal);
  for (const std::uint8_t byte : reply) seen.feed(Side::kServer, Octets{byte});
  ASSERT_TRUE(seen.alert());
  EXPECT_EQ(seen.alert()->code, 40);
}

TEST(Opening, InOldForm) {
  // SSLv2's head, TLS 1.0, one cipher of three bytes, a challenge of sixteen.
  Octets old{0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x2f};
  old.resize(30);
  Conversation seen;
  seen.feed(Side::kClient, old);
  ASSERT_TRUE(seen.is_tls());
  EXPECT_EQ(seen.client_hello()->versions, std::vector<std::string>{"TLSv1.0"});
  old[6] = 4;
  EXPECT_FALSE(old_hello(old));
}

TEST(Opening, AnAnswerThatWasCapturedFirst) {
  Conversation seen;
  const Octets server{22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3};
  Octets answer = server;
  answer.resize(5 + 42);
  answer[5 + 4 + 34 + 1] = 0xc0, answer[5 + 4 + 34 + 2] = 0x2f;
  seen.feed(Side::kServer, answer);
  seen.feed(Side::kClient, hello());
  ASSERT_TRUE(seen.server_hello());
  EXPECT_EQ(seen.server_hello()->version, "TLSv1.2");
}

TEST(Opening, AWarningIsNoEndAndAnAlertMayBeSplit) {
  Conversation seen;
  seen.feed(Side::kClient, hello());
  seen.feed(Side::kServer, Octets{21, 3, 3, 0, 2, 1, 112});
  ASSERT_TRUE(seen.alert());
  EXPECT_EQ(seen.alert()->level, 1);
  seen.feed(Side::kClient, Octets{21, 3, 3, 0, 1, 2});
  EXPECT_EQ(seen.alert()->code, 112);
  seen.feed(Side::kClient, Octets{21, 3, 3, 0, 1, 48});
  EXPECT_EQ(seen.alert()->code, 48);
  EXPECT_EQ(seen.alert()->sender, Side::kClient);
}

}  // namespace
}  // namespace tlswhy::tls
