#include "store/pem_repair.h"

#include <gtest/gtest.h>

#include "store/pem_dialects.h"
#include "tests/pki.h"

namespace tlswhy::store {
namespace {

const std::string& root() { return test::authority().root; }
const std::string& other() { return test::authority().other_root; }

// Of a file that OpenSSL takes whole.
std::size_t certificates_in(const std::string& text) {
  const PemRead read = read_pem_as(Dialect::kOpenSsl, text);
  EXPECT_EQ(read.damage, "");
  return read.certificates.size();
}

TEST(PemRepair, AGoodFileStaysAsItIs) { EXPECT_EQ(repaired_bundle("# ours\n" + root() + "\n" + other()), "# ours\n" + root() + "\n" + other()); }

TEST(PemRepair, ABlockThatCantBeReadGoes) {
  std::string broken = other();
  broken[100] = broken[100] == 'A' ? 'B' : 'A';
  broken.erase(150, 3);
  EXPECT_EQ(repaired_bundle("# first\n" + broken + "# second\n" + root()), "# first\n# second\n" + root());
}

TEST(PemRepair, SaysWhatWasLeftOut) {
  const Repaired anew =
      repair_bundle("# ours\n-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n" + root() + "-----END CERTIFICATE-----\n");
  EXPECT_EQ(anew.text, "# ours\n" + root());
  ASSERT_EQ(anew.dropped.size(), 2U);
  EXPECT_EQ(anew.dropped[0], "line 2: a certificate that can't be read");
  EXPECT_TRUE(anew.dropped[1].ends_with(": an end without a beginning")) << anew.dropped[1];
}

TEST(PemRepair, BlocksThatWereJoinedWithoutANewline) {
  std::string first = root();
  first.pop_back();
  EXPECT_EQ(certificates_in(repaired_bundle(first + other())), 2U);
}

TEST(PemRepair, WhatHasNoEndAndWhatIsNoText) {
  const std::string text =
      repaired_bundle(other().substr(0, 200) + "\n" + root() + std::string("\x30\x82\x01\x02\xff\n", 6) + "\xef\xbb\xbf" + other());
  EXPECT_EQ(certificates_in(text), 2U);
  EXPECT_EQ(text.find('\xff'), std::string::npos);
}

TEST(PemRepair, DerBecomesPem) {
  const auto& der = test::root().der();
  EXPECT_EQ(repaired_bundle({reinterpret_cast<const char*>(der.data()), der.size()}), root());
}

}  // namespace
}  // namespace tlswhy::store
