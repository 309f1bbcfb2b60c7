#include "stacks/judge.h"

#include <gtest/gtest.h>

#include "stacks/stack.h"
#include "tests/pki.h"

namespace tlswhy::stacks {
namespace {

using facts::Reason;

// A bundled OpenSSL, built for a directory that is not here.
facts::Stack bundled() {
  facts::Stack out;
  out.name = "OpenSSL";
  out.model = "openssl";
  out.version = out.build.version = "3.0.17";
  out.linkage = "shared";
  out.path = "/opt/app/libcrypto.so.3";
  out.build.openssldir = "/usr/local/ssl";
  return out;
}

host::MemoryFiles machine() {
  host::MemoryFiles out;
  out.add_file("/etc/ssl/certs/ca-certificates.crt", test::authority().root);
  return out;
}

TEST(JudgeChain, OneVariableFlipsTheVerdict) {
  const host::MemoryFiles files = machine();
  host::Viewpoint as{files};
  const Judgement before = judge_chain(bundled(), as, test::chain(), "");
  EXPECT_EQ(before.verdict.reason, Reason::kNoIssuer);
  EXPECT_EQ(std::pair(before.verdict.native, before.verdict.depth), std::pair(20, 1));
  EXPECT_EQ(before.trust.sources.at(0).path, "/usr/local/ssl/cert.pem");
  as.env["SSL_CERT_FILE"] = "/etc/ssl/certs/ca-certificates.crt";
  const Judgement after = judge_chain(bundled(), as, test::chain(), "");
  EXPECT_TRUE(after.verdict.accepted());
  EXPECT_EQ(after.verdict.path.size(), 3U);
}

TEST(JudgeChain, OtherFilesFlipIt) {
  host::MemoryFiles files = machine();
  files.add_link("/usr/local/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_TRUE(judge_chain(bundled(), {files}, test::chain(), "").verdict.accepted());
}

TEST(JudgeChain, AtAnotherTimeItHasExpired) {
  host::MemoryFiles files = machine();
  files.add_link("/usr/local/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt");
  host::Viewpoint as{files};
  as.time = 32'503'680'000;  // the year 3000
  EXPECT_EQ(judge_chain(bundled(), as, test::chain(), "").verdict.reason, Reason::kExpired);
  as.time = 1;
  EXPECT_EQ(judge_chain(bundled(), as, test::chain(), "").verdict.reason, Reason::kNotYetValid);
}

TEST(JudgeChain, AStackWithoutAModelSaysNothing) {
  facts::Stack stack;
  stack.name = stack.model = "electron";
  const host::MemoryFiles files = machine();
  EXPECT_FALSE(has_model(stack));
  EXPECT_EQ(judge_chain(stack, {files}, test::chain(), "").verdict.reason, Reason::kUnknown);
}

TEST(JudgeChain, AStackThatCannotLoadItsStoreRefuses) {
  facts::Stack stack;
  stack.model = "curl";
  const host::MemoryFiles files = machine();
  host::Viewpoint as{files};
  as.env["CURL_CA_BUNDLE"] = "/nowhere";
  const Judgement told = judge_chain(stack, as, test::chain(), "");
  EXPECT_EQ(told.verdict.reason, Reason::kStoreRefused);
  EXPECT_NE(told.trust.refusal, "");
}

}  // namespace
}  // namespace tlswhy::stacks
