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
  facts::Finding finding;
  finding.change.set["SSL_CERT_FILE"] = "/a b.pem";
  const auto offers = offers_for(finding, facts_with({"cmd", "--event", "{\"x\": 1}"}));
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].fix.id, "env");
  EXPECT_EQ(offers[0].fix.command, "SSL_CERT_FILE='/a b.pem' cmd --event '{\"x\": 1}'");
  EXPECT_FALSE(offers[0].fix.verified);
}

TEST(Env, AtSecureProgramsNeedTheirPrivilegesDropped) {
  facts::Finding finding;
  finding.pid = 7;
  finding.change.set["SSL_CERT_FILE"] = "/a.pem";
  facts::Facts facts = facts_with({"cmd"});
  facts.processes.push_back({});
  facts.processes[0].pid = 7;
  facts.processes[0].exe = "/x/prog";
  facts.processes[0].at_secure = true;
  EXPECT_NE(offers_for(finding, facts)[0].fix.command.find("chmod ug-s /x/prog"), std::string::npos);
}

TEST(Unset, NamesTheVariables) {
  facts::Finding finding;
  finding.change.unset = {"SSL_CERT_FILE", "SSL_CERT_DIR"};
  EXPECT_EQ(offers_for(finding, facts_with({"cmd"}))[0].fix.command, "env -u SSL_CERT_FILE -u SSL_CERT_DIR cmd");
}

TEST(Remedies, NothingFitsAnEmptyFinding) { EXPECT_TRUE(offers_for({}, {}).empty()); }

}  // namespace
}  // namespace tlswhy::fix
