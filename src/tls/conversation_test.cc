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

// A record of TLS 1.3 whose content can't be read.
std::vector<std::uint8_t> sealed(std::uint16_t size) {
  std::vector<std::uint8_t> out{23, 3, 3, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  out.resize(out.size() + size);
  return out;
}

constexpr std::uint16_t kAlert = 19, kEmptyCertificate = 25, kFinished = 69, kTicket = 250, kRequest = 100;

// After the server's flight, with TLS_AES_256_GCM_SHA384: what the client sends, and then the server.
Conversation after(std::initializer_list<std::uint16_t> client, std::initializer_list<std::uint16_t> server) {
  Conversation seen = test::converse({.version = 0x0304, .client_answers = false, .suites = "TLS_AES_256_GCM_SHA384"});
  for (const std::uint16_t size : client) seen.feed(Side::kClient, sealed(size));
  for (const std::uint16_t size : server) seen.feed(Side::kServer, sealed(size));
  return seen;
}

TEST(Conversation, AServerThatRefusesTheClientSendsAnAlertAfterItsFinished) {
  const Conversation seen = after({kEmptyCertificate, kFinished, kRequest}, {kAlert});
  EXPECT_TRUE(seen.client_was_asked());
  EXPECT_TRUE(seen.client_sent_data());
  ASSERT_TRUE(seen.alert());
  EXPECT_EQ(seen.alert()->sender, Side::kServer);
  EXPECT_TRUE(seen.alert()->encrypted);
}

TEST(Conversation, OneThatWasNotAskedMayHaveBeenLeftForAnotherReason) {
  const Conversation seen = after({kFinished, kRequest}, {kAlert});
  EXPECT_FALSE(seen.alert());
  EXPECT_TRUE(seen.server_alerted_after());
}

TEST(Conversation, AnAnswerToAClosingAlertIsNoRefusal) {
  EXPECT_FALSE(after({kEmptyCertificate, kFinished, kAlert}, {kAlert}).alert());
  EXPECT_EQ(after({kFinished, kAlert}, {kAlert}).closed_by(), Side::kClient);
}

TEST(Conversation, ACertificateInSeveralRecordsIsNoData) {
  const Conversation seen = after({900, 280, kFinished}, {});
  EXPECT_TRUE(seen.client_finished());
  EXPECT_FALSE(seen.client_sent_data());
  EXPECT_FALSE(seen.settled());
}

TEST(Conversation, ItIsFollowedToTheServersFirstAnswer) {
  Conversation seen = after({kFinished, kRequest}, {});
  EXPECT_TRUE(seen.client_sent_data());
  EXPECT_FALSE(seen.settled());
  EXPECT_FALSE(seen.deaf_to(Side::kServer));
  seen.feed(Side::kServer, bytes::View(sealed(kTicket)).first(5));
  EXPECT_TRUE(seen.server_sent_data());
  EXPECT_TRUE(seen.settled());
}

TEST(Conversation, LeftUnused) {
  const Conversation seen = after({kFinished, kAlert}, {kTicket, kTicket});
  EXPECT_TRUE(seen.completed());
  EXPECT_FALSE(seen.client_sent_data());
  EXPECT_FALSE(seen.settled());
  EXPECT_EQ(seen.closed_by(), Side::kClient);
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
