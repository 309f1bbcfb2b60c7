#include "store/p11_kit.h"

#include <gtest/gtest.h>

#include "tests/pki.h"

namespace tlswhy::store {
namespace {

// How many are anchors, distrusted, others.
using Counts = std::array<std::size_t, 3>;
Counts counts(const std::string& text, bool anchor) {
  const P11Trust read = read_p11_file({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, anchor);
  return {read.anchors.size(), read.distrusted.size(), read.others.size()};
}

const std::string& root() { return test::authority().root; }
std::string object(const std::string& lines) { return "[p11-kit-object-v1]\n" + lines + root(); }

TEST(P11Kit, WhereAFileLiesDecidesOnPlainCertificates) {
  EXPECT_EQ(counts(root() + root(), true), (Counts{2, 0, 0}));
  EXPECT_EQ(counts(root(), false), (Counts{0, 0, 1}));
  EXPECT_EQ(counts("", true), (Counts{0, 0, 0}));
}

TEST(P11Kit, AnObjectSaysItself) {
  EXPECT_EQ(counts(object("trusted: true\n"), false), (Counts{1, 0, 0}));
  EXPECT_EQ(counts(object("trusted: false\n"), false), (Counts{0, 0, 1}));
  EXPECT_EQ(counts(object("label: \"not trusted: true\"\n"), false), (Counts{0, 0, 1}));
  EXPECT_EQ(counts(object("x-distrusted: true\n"), true), (Counts{0, 1, 0}));
  EXPECT_EQ(counts(object("trusted: true\n") + object("x-distrusted: true\n"), false), (Counts{1, 1, 0}));
}

}  // namespace
}  // namespace tlswhy::store
