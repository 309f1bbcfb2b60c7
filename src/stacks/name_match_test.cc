#include "stacks/name_match.h"

#include <gtest/gtest.h>

#include "lab/ca.h"
#include "lab/peer.h"
#include "store/pem_bundle.h"

namespace tlswhy::stacks {
namespace {

// A leaf for this DNS name alone.
x509::Certificate leaf_for(const std::string& name) {
  lab::Peer peer = *lab::find_peer("");
  peer.host = name;
  const std::string pem = lab::make_authority(peer, "unit.test").value().chain;
  return store::read_pem_bundle({reinterpret_cast<const std::uint8_t*>(pem.data()), pem.size()}).certificates.front();
}

TEST(NameMatch, AWildcardStandsForOneLabel) {
  const auto leaf = leaf_for("*.example.com");
  EXPECT_TRUE(is_for(leaf, "a.example.com", {}));
  EXPECT_TRUE(is_for(leaf, "A.Example.COM.", {}));
  EXPECT_FALSE(is_for(leaf, "example.com", {}));
  EXPECT_FALSE(is_for(leaf, "a.b.example.com", {}));
  EXPECT_FALSE(is_for(leaf, ".example.com", {}));
}

TEST(NameMatch, RulesThatDiffer) {
  EXPECT_FALSE(is_for(leaf_for("ba*.example.com"), "baz.example.com", {}));
  EXPECT_TRUE(is_for(leaf_for("ba*.example.com"), "baz.example.com", {.part_of_label = true}));
  EXPECT_FALSE(is_for(leaf_for("ba*.example.com"), "caz.example.com", {.part_of_label = true}));
  EXPECT_FALSE(is_for(leaf_for("*.com"), "example.com", {}));
  EXPECT_TRUE(is_for(leaf_for("*.com"), "example.com", {.top_level = true}));
  EXPECT_FALSE(is_for(leaf_for("foo.*.example.com"), "foo.bar.example.com", {}));
  EXPECT_TRUE(is_for(leaf_for("foo.*.example.com"), "foo.bar.example.com", {.any_label = true}));
}

TEST(NameMatch, AddressesAreNoNames) {
  const auto spelled = leaf_for("127.0.0.9");  // among the DNS names
  EXPECT_FALSE(is_for(spelled, "127.0.0.9", {}));
  EXPECT_TRUE(is_for(spelled, "127.0.0.9", {.address_as_text = true}));
}

}  // namespace
}  // namespace tlswhy::stacks
