#include "stacks/policy.h"

#include <gtest/gtest.h>

#include "tests/pki.h"

namespace tlswhy::stacks {
namespace {

std::string verdict(const std::string& text, const std::string& host) {
  host::MemoryFiles files;
  files.add_file("/etc/ssl/certs/ca-certificates.crt", test::authority().root);
  files.add_link("/usr/lib/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt");
  const auto spec = parse_spec(text);
  return judge_chain_for(*spec, trust_of(*spec, {files}), test::chain(), {host}).word();
}

TEST(Policy, TheNameCountsForThoseThatLook) {
  const std::string name = test::chain().front().names().at(0);
  for (const char* stack : {"openssl", "python@3.12", "curl", "go", "gnutls", "wget", "git"}) EXPECT_EQ(verdict(stack, name), "ok") << stack;
  EXPECT_EQ(verdict("openssl", ""), "ok");  // s_client looks at no name unless asked to
  EXPECT_EQ(verdict("openssl", "other.example"), "62");
  EXPECT_EQ(verdict("openssl", "127.0.0.9"), "64");
  EXPECT_EQ(verdict("python@3.12", "other.example"), "62");
  EXPECT_EQ(verdict("curl", "other.example"), "62");
  EXPECT_EQ(verdict("go", "other.example"), "untrusted");
  EXPECT_EQ(verdict("gnutls", "other.example"), "untrusted");
}

TEST(Policy, NothingOfItWithoutAPath) {
  EXPECT_EQ(verdict("node@20", "other.example"), "20");  // its own roots only
}

}  // namespace
}  // namespace tlswhy::stacks
