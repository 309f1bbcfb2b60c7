#include <gtest/gtest.h>

#include "fix/remedy.h"

namespace tlswhy::fix {
namespace {

facts::Facts facts_with(std::vector<std::string> command) {
  facts::Facts out;
  out.target.command = std::move(command);
  return out;
}

TEST(Env, QuotesTheCommandForAShell) {
  findings::Finding finding;
  finding.change = findings::set_variable("SSL_CERT_FILE", "/a b.pem");
  const auto offers = offers_for(finding, facts_with({"cmd", "--event", "{\"x\": 1}"}));
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].id, "env");
  EXPECT_EQ(offers[0].command, "SSL_CERT_FILE='/a b.pem' cmd --event '{\"x\": 1}'");
  EXPECT_FALSE(offers[0].verified);
}

TEST(Env, AtSecureProgramsNeedTheirPrivilegesDropped) {
  findings::Finding finding;
  finding.pid = 7;
  finding.change = findings::set_variable("SSL_CERT_FILE", "/a.pem");
  facts::Facts facts = facts_with({"cmd"});
  facts.processes.push_back({});
  facts.processes[0].pid = 7;
  facts.processes[0].exe = "/x/prog";
  facts.processes[0].at_secure = true;
  EXPECT_NE(offers_for(finding, facts)[0].command.find("chmod ug-s /x/prog"), std::string::npos);
}

TEST(Unset, NamesTheVariables) {
  findings::Finding finding;
  finding.change.edits = {{findings::EditKind::kUnsetVariable, "SSL_CERT_FILE", ""}, {findings::EditKind::kUnsetVariable, "SSL_CERT_DIR", ""}};
  EXPECT_EQ(offers_for(finding, facts_with({"cmd"}))[0].command, "env -u SSL_CERT_FILE -u SSL_CERT_DIR cmd");
}

TEST(CommandFor, PrintsTheEditsThemselves) {
  using findings::EditKind;
  EXPECT_EQ(command_for({{{EditKind::kSetMode, "/etc/ssl", "a+rX"}, {EditKind::kSetMode, "/etc/a b", "a+rX"}}}, {"cmd"}),
            "tlswhy fix mode /etc/ssl '/etc/a b'");
  EXPECT_EQ(command_for({{{EditKind::kMakeLink, "/usr/local/ssl/cert.pem", "/etc/x.pem"}}}, {"cmd"}),
            "tlswhy fix link --place /usr/local/ssl/cert.pem --to /etc/x.pem");
  EXPECT_EQ(command_for({{{EditKind::kRepairBundle, "/a b.pem", "der"}}}, {"cmd"}), "tlswhy fix bundle '/a b.pem'");
  EXPECT_EQ(command_for({{{EditKind::kRehash, "/d", ""}}}, {"cmd"}), "tlswhy fix rehash /d");
  EXPECT_EQ(command_for({{{EditKind::kFreshProcess, "", ""}}}, {"cmd", "a b"}), "cmd 'a b'");
}

TEST(Install, IsTheDistributionsOwnTool) {
  facts::Facts facts = facts_with({"cmd"});
  facts.distribution = facts::Distribution{"Debian 12", "/usr/local/share/ca-certificates/NAME.crt", "update-ca-certificates"};
  facts.handshakes.push_back({});
  findings::Finding finding;
  finding.handshakes = {0};
  finding.change.edits = {{findings::EditKind::kAddAnchor, "CN=Root", "AAAA"}};
  const auto command = [&](const char* path, const char* why) {
    facts::NearAnchor near;
    near.certificate.der = "AAAA";
    near.path = path;
    near.why = why;
    facts.handshakes[0].anchor = facts::AnchorNeed{};
    facts.handshakes[0].anchor->uninstalled = {near};
    const auto offers = offers_for(finding, facts);
    return offers.empty() ? "" : offers[0].command;
  };
  EXPECT_EQ(command("/root/a b.pem", "update-ca-certificates does not look in this folder"), "tlswhy fix anchor '/root/a b.pem'");
  finding.change.edits[0].value = "BBBB";  // another certificate
  EXPECT_EQ(command("/root/x.pem", ""), "");
}

TEST(Obtain, NamesTheRootAndClaimsNothing) {
  facts::Facts facts = facts_with({"cmd"});
  facts.distribution = facts::Distribution{"Debian 12", "/usr/local/share/ca-certificates/NAME.crt", "update-ca-certificates"};
  facts.stacks.push_back({});
  facts.handshakes.push_back({});
  facts.handshakes[0].stack_index = 0;
  facts.handshakes[0].chain.push_back({});
  facts.handshakes[0].chain[0].issuer = "CN=Company";
  findings::Finding finding;
  finding.code = "TW303";
  finding.handshakes = {0};
  EXPECT_TRUE(offers_for(finding, facts).empty());  // its stack does not read the machine's store
  facts.stacks[0].sources.push_back({});
  facts.stacks[0].sources[0].path = "/etc/ssl/certs/ca-certificates.crt";
  facts.stacks[0].sources[0].status = "ok";
  facts.machine_stores.push_back({});
  facts.machine_stores[0].path = "/etc/ssl/certs/ca-certificates.crt";
  const auto offers = offers_for(finding, facts);
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].command, "tlswhy fix anchor FILE");
  EXPECT_TRUE(offers[0].title.starts_with("CN=Company is needed"));
  EXPECT_TRUE(offers[0].change.empty());
}

TEST(Clock, IsSetOnlyWhereItIsWrong) {
  findings::Finding finding;
  finding.code = "TW405";
  finding.change.edits = {{findings::EditKind::kTime, "", "2026-01-01T00:00:00Z"}};
  EXPECT_EQ(offers_for(finding, facts_with({"cmd"})).at(0).command, "timedatectl set-ntp true");
  finding.change.edits[0].value = findings::kNow;
  EXPECT_TRUE(offers_for(finding, facts_with({"cmd"})).empty());
}

TEST(Remedies, NothingFitsAnEmptyFinding) { EXPECT_TRUE(offers_for({}, {}).empty()); }

}  // namespace
}  // namespace tlswhy::fix
