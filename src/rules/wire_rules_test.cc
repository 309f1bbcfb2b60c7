#include <gtest/gtest.h>

#include "facts/outcome.h"
#include "facts/reasons.h"
#include "rules/rule.h"

namespace tlswhy::rules {
namespace {

using Codes = std::vector<std::string>;

// A failed handshake of process 7 that offered TLS 1.3 and 1.2.
facts::Handshake offered() {
  facts::Handshake out;
  out.pid = 7;
  out.peer = "192.0.2.1:443";
  out.servername = "x.test";
  out.result = "failed";
  out.offered = {"TLSv1.3", "TLSv1.2"};
  out.ciphers = {"TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"};
  out.groups = {"x25519"};
  out.hello_size = 300;
  return out;
}

facts::Alert alert(const char* sender, int code) { return {"fatal", code, "", sender, false}; }

struct Judged {
  Codes codes;
  Fires fires;
};

Judged judged(facts::Handshake shake) {
  facts::Facts facts;
  facts.observed_at = "2026-11-30T00:00:00Z";
  facts.processes.push_back({});
  facts.processes[0].pid = 7;
  facts.stacks.push_back({});
  facts.handshakes.push_back(std::move(shake));
  const Case one{facts, facts.stacks[0], facts.processes[0], &facts.handshakes[0]};
  Judged out;
  for (const Rule* rule : catalogue()) {
    if (!concerns(*rule, one)) continue;
    Outcome outcome = rule->judge(one);
    if (auto* fires = std::get_if<Fires>(&outcome)) {
      out.codes.emplace_back(rule->code);
      out.fires = std::move(*fires);
    }
  }
  return out;
}

Codes codes(facts::Handshake shake) { return judged(std::move(shake)).codes; }

TEST(WireRules, ClearText) {
  facts::Handshake shake = offered();
  shake.clear_answer = facts::ClearText{"SMTP", "220 mail.test ESMTP"};
  EXPECT_EQ(codes(shake), Codes{"TW406"});
  shake.hello_probes.push_back({"STARTTLS (smtp) before the hello", true, "TLSv1.3"});
  const Judged found = judged(shake);
  ASSERT_TRUE(found.fires.proof);
  EXPECT_TRUE(found.fires.proof->flipped);
}

TEST(WireRules, CutConnection) {
  facts::Handshake shake = offered();
  shake.ended = facts::Ending::kReset;
  shake.ended_by = "server";
  EXPECT_EQ(codes(shake), Codes{"TW411"});
  shake.ended_by = "client";
  EXPECT_EQ(codes(shake), Codes{});
  shake.ended = facts::Ending::kTimeout;
  EXPECT_EQ(codes(shake), Codes{"TW411"});
  shake.hello_probes.push_back({"the same hello", true, "TLSv1.3"});
  EXPECT_EQ(codes(shake), Codes{});  // slow once
}

TEST(WireRules, CutForItsSize) {
  facts::Handshake shake = offered();
  shake.ended = facts::Ending::kReset;
  shake.ended_by = "server";
  shake.groups = {"X25519MLKEM768", "x25519"};
  shake.hello_size = 1700;
  shake.hello_probes = {
      {"the same hello", false, "ECONNRESET"}, {"a smaller hello, 400 bytes", true, "TLSv1.3"}, {"no server name", false, "ECONNRESET"}};
  const Judged found = judged(shake);
  EXPECT_EQ(found.codes, Codes{"TW411"});
  ASSERT_TRUE(found.fires.proof);
  EXPECT_NE(found.fires.title.find("1700 bytes"), std::string::npos);
}

TEST(WireRules, NoCommonVersion) {
  facts::Handshake shake = offered();
  shake.alert = alert("server", 70);
  EXPECT_EQ(codes(shake), Codes{"TW504"});
  EXPECT_FALSE(judged(shake).fires.proof);
  shake.hello_probes.push_back({"every version and cipher suite", true, "TLSv1.1, TLS_RSA_WITH_AES_128_CBC_SHA"});
  EXPECT_NE(judged(shake).fires.title.find("no common version: the server takes TLSv1.1"), std::string::npos);
  EXPECT_TRUE(judged(shake).fires.proof);
}

TEST(WireRules, NoCommonSuiteOrGroup) {
  facts::Handshake shake = offered();
  shake.alert = alert("server", 40);
  shake.hello_probes.push_back({"every version and cipher suite", true, "TLSv1.2, TLS_RSA_WITH_AES_128_CBC_SHA"});
  EXPECT_NE(judged(shake).fires.title.find("no common cipher suite"), std::string::npos);
  shake.hello_probes.back().answer = "TLSv1.3, TLS_AES_128_GCM_SHA256, secp521r1";
  EXPECT_NE(judged(shake).fires.title.find("no common group"), std::string::npos);
}

TEST(WireRules, TheClientRefusesAnOldVersion) {
  facts::Handshake shake = offered();
  shake.version = "TLSv1.1";
  shake.alert = alert("client", 70);
  EXPECT_EQ(codes(shake), Codes{"TW504"});
  shake.verify = facts::openssl_verdict(20, "", 0, "process");
  for (const std::string& code : codes(shake)) EXPECT_NE(code, "TW504");
}

TEST(WireRules, ClientCertificate) {
  facts::Handshake shake = offered();
  shake.version = "TLSv1.2";
  shake.certificate_requested = true;
  shake.client_certificate = "none";
  shake.alert = alert("server", 40);
  EXPECT_EQ(codes(shake), Codes{"TW408"});
  shake.client_certificate = "sent";
  shake.alert = alert("server", 48);
  EXPECT_EQ(codes(shake), Codes{"TW409"});
  shake.client_chain.push_back({});
  shake.client_chain[0].subject = "CN=client";
  shake.client_chain[0].not_before = "2020-01-01T00:00:00Z";
  shake.client_chain[0].not_after = "2021-01-01T00:00:00Z";
  EXPECT_NE(judged(shake).fires.title.find("out of date"), std::string::npos);
}

TEST(WireRules, AServerThatOnlyAskedIsNotTheCause) {
  facts::Handshake shake = offered();
  shake.version = "TLSv1.2";
  shake.certificate_requested = true;
  shake.client_certificate = "none";
  shake.alert = alert("client", 48);
  for (const std::string& code : codes(shake)) EXPECT_NE(code, "TW408");
}

TEST(WireRules, UncleanClose) {
  facts::Handshake shake = offered();
  shake.version = "TLSv1.3";
  shake.client_sent_data = true;
  shake.ended = facts::Ending::kFin;
  shake.ended_by = "server";
  EXPECT_EQ(codes(shake), Codes{"TW412"});
}

TEST(WireRules, ApplicationProtocols) {
  facts::Handshake shake = offered();
  shake.alpn_offered = {"h2"};
  shake.alert = alert("server", 120);
  EXPECT_EQ(codes(shake), Codes{"TW413"});
  shake.alert.reset();
  shake.version = "TLSv1.3";
  shake.unused = true;
  EXPECT_EQ(codes(shake), Codes{"TW413"});
}

}  // namespace
}  // namespace tlswhy::rules
