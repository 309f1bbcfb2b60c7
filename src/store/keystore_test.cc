#include "store/keystore.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace tlswhy::store {
namespace {

std::vector<std::uint8_t> seed(const std::string& name) {
  std::ifstream in(std::string(TLSWHY_CORPUS) + "/keystore/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Keystore, JksIsReadWithoutItsPassword) {
  const auto found = read_keystore(seed("seed-JKS"), "");
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().subject(), "CN=seed");
}

TEST(Keystore, AnEncryptedPkcs12NeedsIt) {
  EXPECT_EQ(read_keystore(seed("seed-PKCS12"), "").value().size(), 0U);
  EXPECT_EQ(read_keystore(seed("seed-PKCS12"), "wrong").value().size(), 0U);
  ASSERT_EQ(read_keystore(seed("seed-PKCS12"), "changeit").value().size(), 1U);
}

// A million and one rounds; OpenSSL would hash the password for as long as a
// file asks for.
TEST(Keystore, AHostileIterationCountIsNotFollowed) { EXPECT_EQ(read_keystore(seed("seed-PKCS12-slow"), "changeit").value().size(), 0U); }

TEST(Keystore, DamageHasAPlace) {
  const auto whole = seed("seed-JKS");
  for (std::size_t size = 0; size < whole.size() - 20; size += 7) {  // a digest of 20 bytes ends it
    const auto cut = read_keystore(bytes::View(whole).first(size), "");
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().place.find("keystore"), 0U);
  }
  auto count = whole;
  count[8] = 0xff;  // entries
  EXPECT_FALSE(read_keystore(count, ""));
}

}  // namespace
}  // namespace tlswhy::store
