#include "store/pem_dialects.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/pki.h"

namespace tlswhy::store {
namespace {

using enum Dialect;
constexpr auto kAll = {kOpenSsl, kOpenSsl111, kOneByOne, kGnuTls, kGo};
constexpr auto kLenient = {kBoringSsl, kOneByOneInMemory, kRustls, kWolfSsl, kQt, kMbedTls};

const std::string& root() { return test::authority().root; }

std::string damaged() {
  std::string out = root();
  out[100] = '!';
  return out;
}

std::vector<std::size_t> kept(const std::string& text, std::initializer_list<Dialect> all = kAll) {
  std::vector<std::size_t> out;
  for (const Dialect dialect : all) out.push_back(read_pem_as(dialect, text).certificates.size());
  return out;
}

std::string without(std::string text, std::string_view part) { return text.erase(text.find(part), part.size()); }

using Counts = std::vector<std::size_t>;

// The order is that of kAll: OpenSSL 3, OpenSSL 1.1.1, one by one, GnuTLS, Go.
TEST(PemDialects, AgreeOnWhatIsWhole) { EXPECT_EQ(kept(root() + "text\n" + root()), (Counts{2, 2, 2, 2, 2})); }
TEST(PemDialects, ABadBlock) { EXPECT_EQ(kept(root() + damaged() + root()), (Counts{0, 0, 1, 0, 2})); }
TEST(PemDialects, AByteOrderMark) { EXPECT_EQ(kept("\xef\xbb\xbf" + root() + root()), (Counts{2, 1, 2, 2, 1})); }
TEST(PemDialects, ALineOfNul) { EXPECT_EQ(kept(root() + std::string("\0\n", 2) + root()), (Counts{1, 1, 1, 2, 2})); }
TEST(PemDialects, GluedBlocks) { EXPECT_EQ(kept(root().substr(0, root().size() - 1) + root() + root()), (Counts{0, 0, 0, 3, 1})); }
TEST(PemDialects, AMissingEnd) { EXPECT_EQ(kept(without(root(), "-----END CERTIFICATE-----\n") + root() + root()), (Counts{2, 2, 2, 3, 2})); }
TEST(PemDialects, Truncated) { EXPECT_EQ(kept(root() + root().substr(0, 200)), (Counts{0, 0, 1, 0, 1})); }
TEST(PemDialects, AnIndentedBegin) { EXPECT_EQ(kept("  " + root()), (Counts{0, 0, 0, 1, 0})); }
TEST(PemDialects, Nothing) { EXPECT_EQ(kept("no certificate here\n"), (Counts{0, 0, 0, 0, 0})); }

// BoringSSL, one by one out of memory, rustls, wolfSSL, Qt, mbedTLS.
TEST(PemDialects, OthersOnWhatIsWhole) { EXPECT_EQ(kept(root() + "text\n" + root(), kLenient), (Counts{2, 2, 2, 2, 2, 2})); }
TEST(PemDialects, OthersOnABadBlock) { EXPECT_EQ(kept(root() + damaged() + root(), kLenient), (Counts{0, 1, 2, 2, 2, 2})); }
TEST(PemDialects, OthersOnAByteOrderMark) { EXPECT_EQ(kept("\xef\xbb\xbf" + root() + root(), kLenient), (Counts{1, 1, 1, 2, 2, 2})); }
TEST(PemDialects, OthersOnALineOfNul) { EXPECT_EQ(kept(root() + std::string("\0\n", 2) + root(), kLenient), (Counts{1, 2, 2, 2, 2, 1})); }
TEST(PemDialects, OthersOnGluedBlocks) {
  EXPECT_EQ(kept(root().substr(0, root().size() - 1) + root() + root(), kLenient), (Counts{0, 0, 2, 3, 0, 3}));
}
TEST(PemDialects, OthersOnAnIndentedBegin) { EXPECT_EQ(kept("  " + root(), kLenient), (Counts{0, 0, 0, 1, 1, 1})); }
TEST(PemDialects, OthersWhenTruncated) { EXPECT_EQ(kept(root() + root().substr(0, 200), kLenient), (Counts{0, 1, 1, 1, 1, 1})); }

TEST(PemDialects, BadTextIsToldFromWhatItHolds) {
  EXPECT_TRUE(read_pem_as(kRustls, damaged()).bad_text);
  EXPECT_FALSE(read_pem_as(kRustls, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").bad_text);
  EXPECT_FALSE(read_pem_as(kRustls, root()).bad_text);
}

TEST(PemDialects, DamageHasAPlace) {
  EXPECT_EQ(read_pem_as(kOpenSsl, root() + damaged()).damage.find("pem+0x"), 0U);
  EXPECT_EQ(read_pem_as(kOpenSsl, root()).damage, "");
}

}  // namespace
}  // namespace tlswhy::store
