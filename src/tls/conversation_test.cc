#include "tls/conversation.h"

#include <gtest/gtest.h>

#include "tests/pki.h"
#include "tests/tls_pair.h"

namespace tlswhy::tls {
namespace {

TEST(Conversation, Tls12OkShowsNameVersionAndChain) {
  const Conversation seen = test::converse({.version = 0x0303});
  ASSERT_TRUE(seen.is_tls());
  EXPECT_EQ(seen.client_hello()->servername, "unit.test");
  EXPECT_EQ(seen.server_hello()->version, "TLSv1.2");
  ASSERT_EQ(seen.chain().size(), 2U);
  EXPECT_EQ(seen.chain()[0], test::chain()[0].der());
  EXPECT_TRUE(seen.completed());
  EXPECT_FALSE(seen.alert());
}

TEST(Conversation, Tls12UnknownCaIsTheClientsClearAlert) {
  const Conversation seen = test::converse({.version = 0x0303, .trusted = false});
  ASSERT_TRUE(seen.alert());
  EXPECT_EQ(seen.alert()->sender, Side::kClient);
  EXPECT_EQ(seen.alert()->level, 2);
  EXPECT_EQ(seen.alert()->code, 48);
  EXPECT_FALSE(seen.completed());
}

TEST(Conversation, Tls13OkHidesTheChain) {
  const Conversation seen = test::converse({.version = 0x0304});
  EXPECT_EQ(seen.server_hello()->version, "TLSv1.3");
  EXPECT_TRUE(seen.chain().empty());
  EXPECT_TRUE(seen.completed());
  EXPECT_FALSE(seen.alert());
}

TEST(Conversation, Tls13FailureIsAnAlertAndNotCompleted) {
  const Conversation seen = test::converse({.version = 0x0304, .trusted = false});
  ASSERT_TRUE(seen.alert());
  EXPECT_EQ(seen.alert()->sender, Side::kClient);
  EXPECT_FALSE(seen.completed());
}

// Every way of cutting the stream gives the same answer.
TEST(Conversation, PiecesOfAnySize) {
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 7U, 64U, 1000U}) {
    const Conversation seen = test::converse({.version = 0x0303, .trusted = false, .piece = piece});
    // A ClientHello that comes in pieces below six bytes can't be told from other data at its first byte.
    if (piece < 6) continue;
    ASSERT_TRUE(seen.alert()) << piece;
    EXPECT_EQ(seen.alert()->code, 48) << piece;
    EXPECT_EQ(seen.chain().size(), 2U) << piece;
  }
}

TEST(Conversation, TlsBehindAProxyDialogue) {
  const Conversation seen = test::converse({.version = 0x0303, .preamble = "CONNECT unit.test:443 HTTP/1.1\r\n\r\n"});
  EXPECT_EQ(seen.client_hello()->servername, "unit.test");
  EXPECT_TRUE(seen.completed());
}

TEST(Conversation, ClearTextIsNotTls) {
  Conversation seen;
  const std::string text = "GET / HTTP/1.1\r\n\r\n";
  seen.feed(Side::kClient, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  EXPECT_FALSE(seen.is_tls());
  EXPECT_TRUE(seen.carried_data());
  EXPECT_FALSE(seen.alert());
}

TEST(Conversation, ShortEncryptedRecordBehindTheServersFlightIsAnEncryptedAlert) {
  // A GnuTLS client's end: dummy ChangeCipherSpec, then a record as short as only an alert is (RFC 8446 §5.2).
  Conversation seen = test::converse({.version = 0x0304, .client_answers = false});
  EXPECT_FALSE(seen.alert());
  std::vector<std::uint8_t> end{20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 19};
  end.resize(end.size() + 19);
  seen.feed(Side::kClient, end);
  ASSERT_TRUE(seen.alert());
  EXPECT_TRUE(seen.alert()->encrypted);
  EXPECT_EQ(seen.alert()->sender, Side::kClient);
  EXPECT_FALSE(seen.completed());
}

TEST(Conversation, AFinishedIsNotTakenForAnAlert) {
  Conversation seen = test::converse({.version = 0x0304, .client_answers = false});
  std::vector<std::uint8_t> end{20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 53};
  end.resize(end.size() + 53);
  seen.feed(Side::kClient, end);
  EXPECT_FALSE(seen.alert());
  EXPECT_TRUE(seen.completed());
}

TEST(Record, NamesOfVersionsAndAlerts) {
  EXPECT_EQ(version_name(0x0304), "TLSv1.3");
  EXPECT_EQ(version_name(0x7f1c), "0x7f1c");
  EXPECT_EQ(alert_name(48), "unknown_ca");
  EXPECT_EQ(alert_name(199), "alert 199");
}

TEST(Record, TruncatedHelloIsAnErrorWithAPlace) {
  const std::vector<std::uint8_t> body{3, 3, 1, 2};
  const auto hello = parse_client_hello(body);
  ASSERT_FALSE(hello);
  EXPECT_EQ(hello.error().code, base::Code::kMalformed);
  EXPECT_NE(hello.error().place.find("+0x2"), std::string::npos);
}

}  // namespace
}  // namespace tlswhy::tls
