#include <gtest/gtest.h>

#include <algorithm>

#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rule.h"

namespace tlswhy::rules {
namespace {

facts::Source source(const std::string& kind, const std::string& what, const std::string& path, const std::string& status) {
  facts::Source out;
  out.kind = kind;
  out.what = what;
  out.path = path;
  out.status = status;
  if (kind == "env") out.variable = what == "file" ? "SSL_CERT_FILE" : "SSL_CERT_DIR";
  if (status == "missing" || status == "dangling_link") out.error = "ENOENT";
  if (status == "denied") out.error = "EACCES";
  out.holds_anchor = false;
  return out;
}

// One failed handshake whose anchor is in the machine's bundle.
struct World {
  facts::Facts facts;
  World() {
    facts.processes.push_back({});
    facts.processes[0].pid = 7;
    facts.processes[0].parent = 1;
    facts.stacks.push_back({});
    facts.stacks[0].name = "OpenSSL";
    facts.stacks[0].base = true;
    facts.stacks[0].knobs = {{"SSL_CERT_FILE", "variable", "file", false, true, true, ""},
                             {"SSL_CERT_DIR", "variable", "directory", false, true, true, ""}};
    facts.stacks[0].build.openssldir = "/usr/local/ssl";
    facts.machine_stores = {{"/etc/ssl/certs/ca-certificates.crt", false, "ok", false, 140}};
    facts::Handshake shake;
    shake.result = "failed";
    shake.verify = facts::openssl_verdict(20, "unable to get local issuer certificate", 1, "library");
    shake.anchor = facts::AnchorNeed{"CN=Root", "01234567", {{"/etc/ssl/certs/ca-certificates.crt", false, "ok", true, 140}}};
    facts.handshakes.push_back(shake);
  }
  World& sources(std::vector<facts::Source> all) { return facts.stacks[0].sources = std::move(all), *this; }
  [[nodiscard]] std::vector<std::string> codes() const {
    std::vector<std::string> out;
    for (const Rule* rule : catalogue())
      if (const Case one{facts, facts.stacks[0], facts.process(7) == nullptr ? facts.processes[0] : *facts.process(7), &facts.handshakes[0]};
          concerns(*rule, one) && std::holds_alternative<Fires>(rule->judge(one)))
        out.emplace_back(rule->code);
    return out;
  }
};

using Codes = std::vector<std::string>;
const facts::Source kNoFile = source("compiled", "file", "/usr/local/ssl/cert.pem", "missing");
const facts::Source kNoDirectory = source("compiled", "directory", "/usr/local/ssl/certs", "missing");

TEST(Rules, CompiledPathMismatch) { EXPECT_EQ(World().sources({kNoFile, kNoDirectory}).codes(), Codes{"TW101"}); }

TEST(Rules, SilentForOtherFailures) {
  World world;
  world.sources({kNoFile, kNoDirectory});
  world.facts.handshakes[0].verify = facts::openssl_verdict(10, "certificate has expired", 0, "library");
  EXPECT_TRUE(world.codes().empty());
}

TEST(Rules, AnAlertOfTheServerIsNotOurStore) {
  World world;
  world.sources({kNoFile, kNoDirectory});
  world.facts.handshakes[0].verify.reset();
  world.facts.handshakes[0].alert = facts::Alert{"fatal", 48, "unknown_ca", "server", false};
  EXPECT_TRUE(world.codes().empty());
  world.facts.handshakes[0].alert->sender = "client";
  EXPECT_EQ(world.codes(), Codes{"TW101"});
}

TEST(Rules, NoStoreAtAll) {
  World world;
  world.sources({kNoFile, kNoDirectory});
  world.facts.machine_stores = {{"/etc/ssl/certs", true, "empty", false, 0}};
  EXPECT_EQ(world.codes(), Codes{"TW103"});
}

TEST(Rules, DanglingLinkGoesBeforeCompiledPath) {
  auto link = source("compiled", "file", "/usr/lib/ssl/cert.pem", "dangling_link");
  link.links = {"/usr/lib/ssl/cert.pem -> /mnt/x"};
  EXPECT_EQ(World().sources({link, kNoDirectory}).codes(), Codes{"TW104"});
}

TEST(Rules, UnhashedDirectory) {
  auto directory = source("compiled", "directory", "/usr/local/ssl/certs", "unhashed");
  directory.holds_unusable_anchor = true;
  EXPECT_EQ(World().sources({kNoFile, directory}).codes(), Codes{"TW105"});
}

TEST(Rules, DeniedStore) { EXPECT_EQ(World().sources({source("compiled", "file", "/x", "denied"), kNoDirectory}).codes(), Codes{"TW106"}); }

TEST(Rules, BadVariable) {
  EXPECT_EQ(World().sources({source("env", "file", "/nowhere", "missing"), source("compiled", "directory", "/d", "ok")}).codes(), Codes{"TW201"});
}

TEST(Rules, IgnoredVariable) {
  auto ignored = source("env", "file", "/good.pem", "ignored");
  ignored.holds_anchor = true;
  World world;
  world.sources({ignored, kNoFile, kNoDirectory});
  world.facts.processes[0].at_secure = true;
  EXPECT_EQ(world.codes(), (Codes{"TW202", "TW101"}));
}

TEST(Rules, DroppedVariable) {
  World world;
  world.sources({kNoFile, kNoDirectory});
  facts::Process parent;
  parent.pid = 1;
  parent.trust_env["SSL_CERT_FILE"] = "/good.pem";
  world.facts.processes.push_back(parent);
  EXPECT_EQ(world.codes(), (Codes{"TW202", "TW101"}));
  world.facts.processes[0].trust_env["SSL_CERT_FILE"] = "/good.pem";  // it has it: nothing was dropped
  EXPECT_EQ(world.codes(), Codes{"TW101"});
}

TEST(Rules, AParentCycleEnds) {
  World world;
  world.sources({kNoFile, kNoDirectory});
  facts::Process parent;
  parent.pid = 1;
  parent.parent = 7;
  world.facts.processes.push_back(parent);
  EXPECT_EQ(world.codes(), Codes{"TW101"});
}

facts::Source bundled() {
  facts::Source out = source("bundled", "list", "", "ok");
  out.detail = "the roots compiled into it";
  return out;
}

facts::Certificate certificate(const char* subject, const char* issuer) {
  facts::Certificate out;
  out.subject = subject;
  out.issuer = issuer;
  return out;
}

TEST(Rules, AStoreThatTheProgramNeverReads) {
  World world;
  world.sources({bundled()});
  EXPECT_EQ(world.codes(), Codes{"TW203"});
  world.facts.handshakes[0].anchor->places.clear();  // no store has it: it is not the program's choice
  EXPECT_EQ(world.codes(), Codes{});
  world.facts.handshakes[0].chain.push_back(certificate("CN=leaf", "CN=Root"));
  EXPECT_EQ(world.codes(), Codes{"TW303"});
  world.facts.handshakes[0].anchor->public_name = true;
  EXPECT_EQ(world.codes(), (Codes{"TW302", "TW303"}));
}

TEST(Rules, AnAnchorThatWasNotInstalled) {
  World world;
  facts::Source store = source("compiled", "file", "/etc/ssl/certs/ca-certificates.crt", "ok");
  store.anchors = 140;
  world.sources({store});
  world.facts.handshakes[0].anchor->places.clear();
  world.facts.handshakes[0].chain.push_back(certificate("CN=leaf", "CN=Root"));
  world.facts.handshakes[0].anchor->uninstalled.push_back({certificate("CN=Root", "CN=Root"), "/usr/local/share/ca-certificates/x.pem", "only .crt"});
  EXPECT_EQ(world.codes(), (Codes{"TW304", "TW303"}));
}

TEST(Rules, ANamesakeCountsWhereTheProgramReads) {
  World world;
  facts::Source store = source("compiled", "file", "/etc/ssl/certs/ca-certificates.crt", "ok");
  store.anchors = 140;
  world.sources({store});
  world.facts.handshakes[0].anchor->places.clear();
  world.facts.handshakes[0].chain.push_back(certificate("CN=leaf", "CN=Root"));
  world.facts.handshakes[0].anchor->namesakes.push_back({certificate("CN=Root", "CN=Root"), store.path, "its key did not sign"});
  EXPECT_EQ(world.codes(), (Codes{"TW305", "TW303"}));
  world.facts.handshakes[0].anchor->namesakes[0].path = "/elsewhere.pem";
  EXPECT_EQ(world.codes(), Codes{"TW303"});
}

TEST(Rules, ABundleThatCantBeRead) {
  World world;
  facts::Source store = source("env", "file", "/x.pem", "malformed");
  store.holds_unusable_anchor = true;
  world.sources({store});
  EXPECT_EQ(world.codes(), (Codes{"TW301", "TW201"}));
  world.facts.stacks[0].sources[0].holds_unusable_anchor = false;  // then it is no loss
  EXPECT_EQ(world.codes(), Codes{"TW201"});
}

TEST(Rules, AKeystoreIsNoVariablesBundle) {
  World world;
  facts::Source named = source("env", "keystore", "/x.jks", "ok"), passed = source("compiled", "keystore", "/jvm/cacerts", "ignored");
  named.variable = "JAVA_TOOL_OPTIONS";
  passed.holds_anchor = true;
  world.sources({named, passed});
  EXPECT_EQ(world.codes(), Codes{"TW204"});
  world.facts.stacks[0].sources = {source("compiled", "keystore", "/jvm/cacerts", "missing")};
  EXPECT_EQ(world.codes(), (Codes{"TW204", "TW101"}));
}

TEST(Rules, APathThatTheDistributionDropped) {
  World world;
  world.facts.machine_stores.push_back({"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", false, "ok", false, 140});
  world.sources({source("explicit", "file", "/etc/pki/tls/cert.pem", "missing")});
  EXPECT_EQ(world.codes(), Codes{"TW102"});
  world.facts.machine_stores.pop_back();
  EXPECT_EQ(world.codes(), Codes{});
}

TEST(Rules, AFolderThatIsGone) {
  World world;
  facts::Source store = source("explicit", "file", "/tmp/x1/ca.pem", "missing");
  store.failed_at = "/tmp/x1";
  world.sources({store});
  world.facts.lookups = {{1, 7, "openat", "/tmp/x1/ca.pem", ""}, {2, 7, "openat", "/tmp/x1/ca.pem", "ENOENT"}};
  EXPECT_EQ(world.codes(), Codes{"TW107"});
  world.facts.lookups.erase(world.facts.lookups.begin());  // it never was there
  EXPECT_EQ(world.codes(), Codes{});
  world.facts.lookups = {{1, 7, "openat", "/tmp/x1/ca.pem", "ENOENT"}, {2, 7, "openat", "/tmp/x1/ca.pem", ""}};  // it was when it counted
  EXPECT_EQ(world.codes(), Codes{});
}

TEST(Catalogue, EveryRuleExplainsItself) {
  for (const Rule* rule : catalogue()) {
    EXPECT_TRUE(rule->code.starts_with("TW")) << rule->code;
    for (const char* head : {"What it means", "How it is seen", "What proves it", "What to do"})
      EXPECT_NE(rule->explanation.find(head), std::string_view::npos) << rule->code << " " << head;
    EXPECT_EQ(find_rule(rule->code), rule);
  }
  EXPECT_EQ(find_rule("TW999"), nullptr);
}

TEST(Rules, AStoreChangedAfterTheProcessBegan) {
  World world;
  facts::Source store = source("env", "file", "/x/bundle.pem", "ok");
  store.holds_anchor = true;
  store.modified = 101;
  world.sources({store});
  world.facts.processes[0].started = 100;
  EXPECT_TRUE(world.codes().empty());  // the verdict is of a copy of the library, which has read the store as it is now
  world.facts.handshakes[0].verify->seen_by = "process";
  EXPECT_EQ(world.codes(), Codes{"TW205"});
  world.facts.trust_calls.push_back({1, 7, 7, "libcrypto", "X509_STORE_add_cert", 0, {"3 certificates"}, 1});
  EXPECT_EQ(world.codes(), Codes{"TW205"});  // it may have read them there
  world.facts.trust_calls.push_back({1, 7, 7, "libcrypto", "X509_STORE_load_locations", 0, {"/x/other.pem", ""}, 1});
  EXPECT_TRUE(world.codes().empty());  // it never read this one
  world.facts.trust_calls.push_back({2, 7, 7, "libcrypto", "X509_STORE_set_default_paths", 0, {}, 1});
  EXPECT_EQ(world.codes(), Codes{"TW205"});
  world.facts.processes[0].started = 101;  // in the same second: not known which came first
  EXPECT_TRUE(world.codes().empty());
}

}  // namespace
}  // namespace tlswhy::rules
