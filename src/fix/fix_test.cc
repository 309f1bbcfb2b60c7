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
            "chmod a+rX /etc/ssl '/etc/a b'");
  EXPECT_EQ(command_for({{{EditKind::kMakeLink, "/usr/local/ssl/cert.pem", "/etc/x.pem"}}}, {"cmd"}),
            "mkdir -p /usr/local/ssl && ln -sfn /etc/x.pem /usr/local/ssl/cert.pem");
  EXPECT_EQ(command_for({{{EditKind::kRepairBundle, "/a b.pem", "der"}}}, {"cmd"}),
            "openssl x509 -inform DER -in '/a b.pem' > '/a b.pem'.new && cat '/a b.pem'.new > '/a b.pem' && rm '/a b.pem'.new");
  EXPECT_EQ(command_for({{{EditKind::kRehash, "/d", ""}}}, {"cmd"}), "openssl rehash /d");
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
  EXPECT_EQ(command("/root/a b.pem", "update-ca-certificates does not look in this folder"),
            "openssl x509 -in '/root/a b.pem' -out '/usr/local/share/ca-certificates/a b.crt' && update-ca-certificates");
  EXPECT_EQ(command("/usr/local/share/ca-certificates/x.crt", "it is DER, and update-ca-certificates takes PEM"),
            "openssl x509 -inform DER -in /usr/local/share/ca-certificates/x.crt -out /usr/local/share/ca-certificates/x.crt.new && "
            "mv /usr/local/share/ca-certificates/x.crt.new /usr/local/share/ca-certificates/x.crt && update-ca-certificates");
  EXPECT_EQ(command("/usr/share/ca-certificates/a/x.crt", "it is deselected (!) in /etc/ca-certificates.conf"),
            "sed -i 's|^!a/x.crt$|a/x.crt|' /etc/ca-certificates.conf && update-ca-certificates");
  EXPECT_EQ(command("/usr/local/share/ca-certificates/x.crt", "update-ca-certificates was not run since it is there"), "update-ca-certificates");
  finding.change.edits[0].value = "BBBB";  // another certificate
  EXPECT_EQ(command("/root/x.pem", ""), "");
}

TEST(Remedies, NothingFitsAnEmptyFinding) { EXPECT_TRUE(offers_for({}, {}).empty()); }

}  // namespace
}  // namespace tlswhy::fix
