#include "stacks/path_search.h"

#include <gtest/gtest.h>

#include "tests/pki.h"

namespace tlswhy::stacks {
namespace {

Trust trust(std::vector<x509::Certificate> anchors) {
  Trust out;
  out.anchors = std::move(anchors);
  return out;
}

TEST(PathSearch, FromTheLeafToAnAnchor) {
  const auto paths = paths_to_anchors(trust({test::root()}), test::chain(), {});
  ASSERT_EQ(paths.size(), 1U);
  EXPECT_EQ(paths[0].size(), 3U);
  EXPECT_TRUE(paths_to_anchors(trust({}), test::chain(), {}).empty());
  EXPECT_TRUE(paths_to_anchors(trust({test::root()}), std::span(test::chain()).first(1), {}).empty());
}

TEST(PathSearch, AnIntermediateEndsItForPartialChainsOnly) {
  Trust some = trust({test::chain()[1]});
  EXPECT_TRUE(paths_to_anchors(some, test::chain(), {}).empty());
  some.partial_chain = true;
  EXPECT_EQ(paths_to_anchors(some, test::chain(), {}).front().size(), 2U);
}

TEST(PathSearch, AllWaysOnlyWhereTheStackTriesThem) {
  Trust both = trust({test::chain()[1], test::root()});
  both.partial_chain = true;
  EXPECT_EQ(paths_to_anchors(both, test::chain(), {}).size(), 1U);
  EXPECT_EQ(paths_to_anchors(both, test::chain(), {.alternatives = true}).size(), 1U);  // an anchor ends its way
  const auto limited = paths_to_anchors(trust({test::root()}), test::chain(), {.alternatives = true, .most_issuers = 1});
  EXPECT_TRUE(limited.empty());
}

TEST(PathSearch, TheSameCertificateManyTimesIsOneWay) {
  std::vector<x509::Certificate> sent(test::chain());
  for (int i = 0; i < 200; ++i) sent.push_back(test::chain()[1]);
  EXPECT_LE(paths_to_anchors(trust({test::root()}), sent, {.alternatives = true}).size(), 1'000U);
}

TEST(PathSearch, ALeafThatIsAnAnchor) {
  Trust leaf = trust({test::chain().front()});
  leaf.partial_chain = true;
  EXPECT_EQ(paths_to_anchors(leaf, test::chain(), {}).front().size(), 1U);
  EXPECT_TRUE(paths_to_anchors(leaf, test::chain(), {.leaf_may_be_anchor = false}).empty());
}

}  // namespace
}  // namespace tlswhy::stacks
