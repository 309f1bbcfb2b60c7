#include "stacks/trust.h"

#include <gtest/gtest.h>

#include "tests/pki.h"

namespace tlswhy::stacks {
namespace {

struct World {
  host::MemoryFiles files;
  std::map<std::string, std::string> env;
  bool at_secure = false;

  [[nodiscard]] Trust trust(const std::string& text) const {
    const auto spec = parse_spec(text);
    return trust_of(*spec, {files, {}, env, at_secure});
  }
  [[nodiscard]] std::string verdict(const std::string& text) const { return judge(trust(text), test::chain()).word(); }
};

constexpr const char* kBundle = "/etc/ssl/certs/ca-certificates.crt";

World machine() {
  World out;
  out.files.add_file(kBundle, test::authority().root);
  out.files.add_link("/usr/lib/ssl/cert.pem", kBundle);
  return out;
}

TEST(Trust, EveryStackOnAMachineInOrder) {
  for (const char* stack : {"openssl@3.0.17", "openssl@1.1.1", "python@3.11", "curl", "gnutls", "wget", "git", "go"})
    EXPECT_EQ(machine().verdict(stack), "ok") << stack;
  EXPECT_EQ(machine().verdict("node@20"), "20");  // its own roots only
  EXPECT_EQ(machine().verdict("requests"), "20");
}

TEST(Trust, EmptyIsSetForSomeAndUnsetForOthers) {
  World world = machine();
  world.env["SSL_CERT_FILE"] = "";
  EXPECT_EQ(world.verdict("openssl"), "20");
  EXPECT_EQ(world.verdict("go"), "ok");
  EXPECT_EQ(world.verdict("curl"), "ok");
}

TEST(Trust, AtSecureDropsTheVariables) {
  World world;
  world.files.add_file("/own.pem", test::authority().root);
  world.env["SSL_CERT_FILE"] = "/own.pem";
  EXPECT_EQ(world.verdict("openssl"), "ok");
  world.at_secure = true;
  EXPECT_EQ(world.verdict("openssl"), "20");
  EXPECT_EQ(world.verdict("openssl@1.1.0g"), "ok");
  EXPECT_EQ(world.verdict("openssl@1.1.0j"), "20");
  EXPECT_EQ(world.verdict("openssl@1.0.2p"), "ok");
  EXPECT_EQ(world.verdict("openssl@1.1.1"), "20");
  EXPECT_EQ(world.trust("openssl").sources.front().status, "ignored");
}

TEST(Trust, WhatGivesUpBeforeItConnects) {
  World world = machine();
  world.env["CURL_CA_BUNDLE"] = "/nowhere";
  EXPECT_EQ(world.verdict("curl"), "refused");
  EXPECT_EQ(world.verdict("requests"), "refused");
  EXPECT_EQ(world.verdict("openssl"), "ok");
}

TEST(Trust, AnIntermediateEndsAChainForSome) {
  World world;
  const std::string& chain = test::authority().chain;
  world.files.add_file(kBundle, chain.substr(chain.rfind("-----BEGIN")));
  world.files.add_link("/usr/lib/ssl/cert.pem", kBundle);
  EXPECT_EQ(world.verdict("python@3.11"), "2");
  EXPECT_EQ(world.verdict("python@3.13"), "ok");
  EXPECT_EQ(world.verdict("go"), "ok");
}

TEST(Trust, SpecsAreUnderstoodOrRefused) {
  const auto spec = parse_spec("python@3.11+openssl@3.0.17+dir@/opt/ssl");
  ASSERT_TRUE(spec);
  EXPECT_EQ(std::tuple(spec->name, spec->version, spec->openssl, spec->openssldir), std::tuple("python", "3.11", "3.0.17", "/opt/ssl"));
  EXPECT_FALSE(parse_spec("nonsense"));
  EXPECT_FALSE(parse_spec("python+nonsense@1"));
}

TEST(Trust, VersionsAreCompared) {
  EXPECT_TRUE(Spec::at_least("3.10", "3.9"));
  EXPECT_FALSE(Spec::at_least("3.9.18", "3.13"));
  EXPECT_TRUE(Spec::at_least("1.1.1w", "1.1.1"));
  EXPECT_TRUE(Spec::at_least("", "99"));
}

}  // namespace
}  // namespace tlswhy::stacks
