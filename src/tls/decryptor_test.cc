#include "tls/decryptor.h"

#include <gtest/gtest.h>

#include "tests/pki.h"
#include "tests/tls_pair.h"

namespace tlswhy::tls {
namespace {

constexpr int k12 = 0x0303, k13 = 0x0304;

// The same connection can't be had twice: the secrets are logged into the key log while it runs, as a program does it.
struct Logged {
  std::string text;
  KeyLog keys;
};

Conversation decrypted(test::PairOptions options, Logged& log) {
  // A first run only to show that without secrets nothing is read.
  options.secrets = &log.text;
  options.keys = &log.keys;
  Conversation seen = test::converse(options);
  EXPECT_FALSE(seen.decrypted());
  log.keys.add(log.text);
  seen.retry();
  return seen;
}

class EverySuite : public ::testing::TestWithParam<std::pair<int, const char*>> {};

TEST_P(EverySuite, ShowsChainAndAlert) {
  const auto [version, suite] = GetParam();
  for (const bool trusted : {true, false}) {
    Logged log;
    const Conversation seen = decrypted({.version = version, .trusted = trusted, .suites = suite}, log);
    ASSERT_TRUE(seen.server_hello()) << suite;
    EXPECT_EQ(seen.decrypted(), version == k13 || trusted) << suite;
    ASSERT_EQ(seen.chain().size(), 2U) << suite;
    EXPECT_EQ(seen.chain()[0], test::chain()[0].der());
    EXPECT_EQ(seen.completed(), trusted);
    ASSERT_EQ(seen.alert().has_value(), !trusted);
    if (!trusted) {
      EXPECT_EQ(seen.alert()->code, 48);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Suites, EverySuite,
                         ::testing::Values(std::pair{k13, "TLS_AES_128_GCM_SHA256"}, std::pair{k13, "TLS_AES_256_GCM_SHA384"},
                                           std::pair{k13, "TLS_CHACHA20_POLY1305_SHA256"}, std::pair{k13, "TLS_AES_128_CCM_SHA256"},
                                           std::pair{k13, "TLS_AES_128_CCM_8_SHA256"},
                                           std::pair{k12, "AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"},
                                           std::pair{k12, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"},
                                           std::pair{k12, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"},
                                           std::pair{k12, "ECDHE-ECDSA-AES128-CCM:AES128-CCM"},
                                           std::pair{k12, "ECDHE-ECDSA-AES256-CCM8:AES256-CCM8"}));

TEST(Decryptor, SuitesWithoutAnAeadAreRefused) {
  Secrets secrets;
  secrets.master.resize(48);
  EXPECT_EQ(Decryptor::make(0x002f, false, secrets, {}, {}).error().code, base::Code::kUnsupported);
}

TEST(Decryptor, ARecordThatDoesNotVerifyIsAnError) {
  Secrets secrets;
  secrets.client_handshake.resize(32);
  auto made = Decryptor::make(0x1301, true, secrets, {}, {});
  ASSERT_TRUE(made);
  const std::vector<std::uint8_t> header{23, 3, 3, 0, 20}, body(20);
  EXPECT_EQ(made->open(true, header, body).error().code, base::Code::kMalformed);
  EXPECT_EQ(made->open(false, header, body).error().code, base::Code::kNotFound);  // no secret of the server
}

TEST(KeyLog, LinesInPiecesAndRubbish) {
  KeyLog log;
  const std::string random(64, 'a');
  log.add("# a comment\nnonsense\nCLIENT_RANDOM " + random.substr(0, 10));
  log.add(random.substr(10) + " 00112233\r\nCLIENT_RANDOM short 00\nEXPORTER_SECRET " + random + " 00\nCLIENT_RANDOM " + random + " zz\n");
  EXPECT_EQ(log.size(), 1U);
  Random key;
  key.fill(0xaa);
  ASSERT_NE(log.find(key), nullptr);
  EXPECT_EQ(log.find(key)->master, (std::vector<std::uint8_t>{0, 0x11, 0x22, 0x33}));
  EXPECT_EQ(log.find({}), nullptr);
}

TEST(Prelude, NamesWhatWentBefore) {
  const auto named = [](std::string_view text) { return name_prelude({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}); };
  EXPECT_EQ(named("CONNECT a.test:443 HTTP/1.1\r\n"), "CONNECT a.test:443");
  EXPECT_EQ(named("EHLO me\r\nSTARTTLS\r\n"), "STARTTLS (SMTP)");
  EXPECT_EQ(named("a1 starttls\r\n"), "STARTTLS (IMAP)");
  EXPECT_EQ(named("STLS\r\n"), "STLS (POP3)");
  EXPECT_EQ(named(std::string_view("\0\0\0\x08\x04\xd2\x16\x2f", 8)), "SSLRequest (PostgreSQL)");
  EXPECT_EQ(named("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), "STARTTLS (XMPP)");
  EXPECT_EQ(named("0\x1d\x02\x01\x01w\x18\x80\x16"
                  "1.3.6.1.4.1.1466.20037"),
            "StartTLS (LDAP)");
  EXPECT_EQ(named("GET / HTTP/1.1\r\n"), "");
  EXPECT_EQ(named(""), "");
}

}  // namespace
}  // namespace tlswhy::tls
