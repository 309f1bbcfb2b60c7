#include "x509/certificate.h"

#include <gtest/gtest.h>

#include "tests/pki.h"

namespace tlswhy::x509 {
namespace {

TEST(Certificate, NamesAsAtTheOrigin) {
  EXPECT_EQ(test::root().subject(), "C=BE, O=GlobalSign nv-sa, OU=Root CA, CN=GlobalSign Root CA");
  EXPECT_TRUE(test::root().self_issued());
  EXPECT_TRUE(test::root().is_ca());
  EXPECT_EQ(test::root().subject_hash(), "5ad8a5d6");  // as `openssl x509 -subject_hash` gives for that name
}

TEST(Certificate, LeafFields) {
  const Certificate& leaf = test::chain()[0];
  EXPECT_FALSE(leaf.is_ca());
  EXPECT_EQ(leaf.names(), (std::vector<std::string>{"unit.test", "127.0.0.1"}));
  EXPECT_EQ(leaf.sha256().size(), 64U);
  EXPECT_EQ(leaf.not_before().size(), 20U);
}

TEST(Certificate, SignedByItsIssuerOnly) {
  EXPECT_TRUE(test::chain()[0].signed_by(test::chain()[1]));
  EXPECT_TRUE(test::chain()[1].signed_by(test::root()));
  EXPECT_FALSE(test::chain()[0].signed_by(test::root()));
}

TEST(Certificate, RefusesTrailingBytesAndGarbage) {
  auto der = test::root().der();
  der.push_back(0);
  EXPECT_EQ(Certificate::parse(der).error().code, base::Code::kMalformed);
  der.resize(40);
  EXPECT_FALSE(Certificate::parse(der));
  EXPECT_FALSE(Certificate::parse({}));
}

TEST(Base64, BothWays) {
  const std::vector<std::uint8_t> data{0, 1, 2, 253, 254, 255, 7};
  EXPECT_EQ(decode_base64(encode_base64(data)).value(), data);
  EXPECT_FALSE(decode_base64("@@@@"));
}

}  // namespace
}  // namespace tlswhy::x509
