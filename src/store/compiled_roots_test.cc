#include "store/compiled_roots.h"

#include <gtest/gtest.h>

#include "tests/pki.h"

namespace tlswhy::store {
namespace {

bytes::View view(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::size_t count(const std::string& text, std::size_t size) {
  CompiledRoots out;
  find_compiled_roots(view(text), size, out);
  return out.certificates.size();
}

std::string der() { return {test::root().der().begin(), test::root().der().end()}; }

TEST(CompiledRoots, InEitherFormAndOnce) {
  const std::string noise(100, '\x30');
  const std::string both = noise + test::authority().root + noise + der() + noise;
  EXPECT_EQ(count(noise + test::authority().root, 5000), 1U);
  EXPECT_EQ(count(noise + der() + noise, 5000), 1U);
  EXPECT_EQ(count(both, both.size()), 1U);
  EXPECT_EQ(count(noise, noise.size()), 0U);
}

TEST(CompiledRoots, OnlyThoseThatBeginInTheWindowAndAreWhole) {
  const std::string late = std::string(50, 'x') + der();
  EXPECT_EQ(count(late, 50), 0U);
  EXPECT_EQ(count(late, 51), 1U);
  EXPECT_EQ(count(late.substr(0, late.size() - 1), late.size()), 0U);
}

TEST(CompiledRoots, NoLeaf) {
  const auto& leaf = test::chain().front().der();
  EXPECT_EQ(count(std::string(leaf.begin(), leaf.end()), leaf.size()), 0U);
}

TEST(CompiledRoots, NamesWithKeysOnly) {
  const std::string noise(100, '\x31'), anchor = test::name_and_key(test::root());
  for (const std::string& text : {noise + anchor + noise, anchor + noise}) {
    CompiledRoots out;
    find_compiled_roots(view(text), text.size(), out);
    EXPECT_EQ(out.subjects(), std::vector{test::root().subject() + " (key only)"});
  }
  CompiledRoots both;
  const std::string text = noise + anchor + noise + der() + noise;
  find_compiled_roots(view(text), text.size(), both);
  EXPECT_EQ(both.subjects(), std::vector{test::root().subject()});
}

}  // namespace
}  // namespace tlswhy::store
