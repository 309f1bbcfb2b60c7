// Rules about the library and the process: what it could not load, follow or open.

#include "rules/process_rules.h"

#include <gtest/gtest.h>

#include "facts/reasons.h"

namespace tlswhy::rules {
namespace {

using Codes = std::vector<std::string>;

// A process that failed, with an OpenSSL of its own and a store that holds the anchor.
struct World {
  facts::Facts facts;
  World() {
    facts.processes.emplace_back();
    facts.processes[0].pid = 7;
    facts.processes[0].exe = "/usr/bin/curl";
    facts::Stack stack;
    stack.pid = 7;
    stack.name = "OpenSSL";
    stack.path = "/lib/libcrypto.so.3";
    stack.linkage = "shared";
    stack.base = true;
    facts::Source source;
    source.kind = "compiled";
    source.what = "directory";
    source.path = "/etc/ssl/certs";
    source.status = "ok";
    source.anchors = 140;
    source.holds_anchor = true;
    stack.sources = {source};
    facts.stacks = {stack};
    facts::Handshake shake;
    shake.pid = 7;
    shake.result = "failed";
    shake.verify = facts::openssl_verdict(20, "unable to get local issuer certificate", 1, "process");
    shake.anchor = facts::AnchorNeed{"CN=Root", "01234567", {{"/etc/ssl/certs", true, "ok", true, 140}}};
    facts.handshakes = {shake};
  }
  World& lookup(const std::string& path, const std::string& error) {
    facts.lookups.push_back({facts.lookups.size() + 1, 7, "openat", path, error});
    return *this;
  }
  [[nodiscard]] Codes codes(const facts::Handshake* shake) const {
    Codes out;
    for (const Rule* rule : catalogue()) {
      const Case one{facts, facts.stacks[0], facts.processes[0], shake};
      const bool counts = shake != nullptr ? concerns(*rule, one) : is_early(*rule);
      if (counts && std::holds_alternative<Fires>(rule->judge(one))) out.emplace_back(rule->code);
    }
    return out;
  }
  [[nodiscard]] Codes early() const { return codes(nullptr); }
  [[nodiscard]] Codes later() const { return codes(&facts.handshakes[0]); }
};

TEST(ProcessRules, NothingWithoutAFact) {
  EXPECT_EQ(World().early(), Codes{});
  EXPECT_EQ(World().later(), Codes{});
}

TEST(ProcessRules, ALibraryThatIsMissing) {
  World world;
  world.facts.library_failures = {{7, "libssl.so.1.1", "/usr/bin/curl", "missing", "", "", {"/lib/libssl.so.1.1"}}};
  EXPECT_EQ(world.early(), Codes{"TW603"});
  world.facts.connections = {{7, "127.0.0.1:80", "", false}};  // it had something to say without it
  EXPECT_EQ(world.early(), Codes{});
}

TEST(ProcessRules, ALibraryOfAnotherProcess) {
  World world;
  world.facts.library_failures = {{8, "libssl.so.1.1", "", "missing", "", "", {}}};
  EXPECT_EQ(world.early(), Codes{});
}

TEST(ProcessRules, AConfigurationThatCannotBeFollowed) {
  World world;
  world.facts.crypto_settings = {{7, "/etc/ssl/openssl.cnf", 3, "MinProtocol", "TLSv1.2", ""}};
  EXPECT_EQ(world.early(), Codes{});
  world.facts.crypto_settings.push_back({7, "/etc/ssl/openssl.cnf", 9, "provider", "fips", "/lib/fips.so: ENOENT"});
  EXPECT_EQ(world.early(), Codes{"TW602"});
  world.facts.stacks[0].linkage = "static";  // it can't be asked, and it went on
  EXPECT_EQ(world.early(), Codes{"TW602"});
  world.lookup("/etc/ssl/certs", "");
  EXPECT_EQ(world.early(), Codes{});
}

TEST(ProcessRules, NoDescriptorLeft) {
  EXPECT_EQ(World().lookup("/lib/libssl.so.3", "EMFILE").early(), Codes{"TW701"});
  EXPECT_EQ(World().lookup("/lib/libssl.so.3", "EMFILE").later(), Codes{});
  EXPECT_EQ(World().lookup("/etc/ssl/certs/01234567.0", "EMFILE").later(), Codes{"TW701"});
  EXPECT_EQ(World().lookup("/etc/ssl/certs/89abcdef.0", "EMFILE").later(), Codes{});  // of another certificate
}

TEST(ProcessRules, RefusedBeyondModes) {
  World world;
  world.lookup("/etc/ssl/certs/01234567.0", "EACCES");
  EXPECT_EQ(world.later(), Codes{"TW106"});
  facts::Source other = world.facts.stacks[0].sources[0];
  other.path = "/opt/certs";
  world.facts.stacks[0].sources.push_back(other);  // which it was not refused
  EXPECT_EQ(world.later(), Codes{});
}

TEST(ProcessRules, AKeyOfAnotherCertificate) {
  World world;
  world.facts.trust_calls = {{1, 7, 7, "/lib/libssl.so.3", "SSL_CTX_use_PrivateKey_file", 0, {"/k.pem"}, 0}};
  EXPECT_EQ(world.early(), Codes{"TW410"});
  EXPECT_EQ(world.later(), Codes{});
  world.facts.trust_calls.push_back({2, 7, 7, "/lib/libssl.so.3", "SSL_CTX_use_PrivateKey_file", 0, {"/l.pem"}, 1});
  EXPECT_EQ(world.early(), Codes{});
}

}  // namespace
}  // namespace tlswhy::rules
