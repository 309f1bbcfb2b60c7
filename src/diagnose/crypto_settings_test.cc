#include "diagnose/crypto_settings.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tlswhy::diagnose {
namespace {

facts::Stack openssl() {
  facts::Stack out;
  out.pid = 7;
  out.name = "OpenSSL";
  out.base = true;
  out.linkage = "shared";
  out.build.openssldir = "/usr/lib/ssl";
  out.build.modulesdir = "/usr/lib/ossl-modules";
  return out;
}

// What process 7 makes of `config` at the default place.
std::vector<facts::CryptoSetting> settings(const std::string& config, std::vector<facts::Stack> stacks = {openssl()}) {
  auto files = std::make_shared<host::MemoryFiles>();
  files->add_file("/usr/lib/ssl/openssl.cnf", config);
  files->add_file("/usr/lib/ossl-modules/legacy.so", "");
  facts::Snapshot process;
  process.process.pid = 7;
  process.files = files;
  return crypto_settings(process, stacks, {{1, 7, "openat", "/usr/lib/ssl/openssl.cnf", ""}});
}

std::string problem_of(const std::vector<facts::CryptoSetting>& all, const std::string& name) {
  const auto hit = std::ranges::find(all, name, &facts::CryptoSetting::name);
  return hit == all.end() ? "(not there)" : hit->problem;
}

constexpr const char* kProviders = "openssl_conf = init\n[init]\nproviders = all\n[one]\nactivate = 1\n[all]\n";

TEST(CryptoSettings, TheSystemDefault) {
  const auto all = settings(
      "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = sys\n[sys]\nMinProtocol = TLSv1.2\nCipherString = DEFAULT@SECLEVEL=2\n");
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].name, "MinProtocol");
  EXPECT_EQ(all[0].value, "TLSv1.2");
  EXPECT_EQ(all[0].line, 7);
  EXPECT_EQ(all[0].file, "/usr/lib/ssl/openssl.cnf");
  EXPECT_EQ(all[1].problem, "");
}

TEST(CryptoSettings, AProviderBesideTheDefaultOne) {
  const auto all = settings(std::string(kProviders) + "default = one\nlegacy = one\n");
  EXPECT_TRUE(std::ranges::all_of(all, [](const auto& one) { return one.problem.empty(); }));
}

TEST(CryptoSettings, NoDefaultProvider) {
  EXPECT_NE(problem_of(settings(std::string(kProviders) + "legacy = one\n"), "providers"), "(not there)");
  const auto fips = settings(std::string(kProviders) + "fips = one\n");
  EXPECT_EQ(problem_of(fips, "provider"), "/usr/lib/ossl-modules/fips.so: ENOENT");
  EXPECT_NE(problem_of(fips, "providers"), "(not there)");
}

TEST(CryptoSettings, WhatIsNotActivatedChangesNothing) {
  const auto all = settings("openssl_conf = init\n[init]\nproviders = all\n[all]\nfips = one\n[one]\nactivate = 0\n");
  ASSERT_EQ(all.size(), 1);
  EXPECT_EQ(all[0].problem, "");
}

TEST(CryptoSettings, OtherNamesForOtherPrograms) {
  const std::string config = "nodejs_conf = init\n[init]\nnonesuch = x\n";
  EXPECT_TRUE(settings(config).empty());
  facts::Stack inside = openssl();
  inside.linkage = "static";
  EXPECT_EQ(settings(config, {inside}).size(), 1);
}

TEST(CryptoSettings, AFileThatIsNotThereCountsOnlyWhereItWasNamed) {
  auto files = std::make_shared<host::MemoryFiles>();
  facts::Snapshot process;
  process.process.pid = 7;
  process.files = files;
  const std::vector<facts::Lookup> lookups{{1, 7, "openat", "/x/openssl.cnf", "ENOENT"}};
  EXPECT_TRUE(crypto_settings(process, std::vector{openssl()}, lookups).empty());
  process.process.trust_env["OPENSSL_CONF"] = "/x/openssl.cnf";
  const auto all = crypto_settings(process, std::vector{openssl()}, lookups);
  ASSERT_EQ(all.size(), 1);
  EXPECT_EQ(all[0].problem, "ENOENT");
}

TEST(CryptoSettings, OfGnuTlsAndJava) {
  auto files = std::make_shared<host::MemoryFiles>();
  files->add_file("/etc/gnutls/config", "[overrides]\n# none of them\ndisabled-version = tls1.0\n");
  files->add_file("/jdk/conf/security/java.security",
                  "securerandom.source=file:/dev/random\njdk.tls.disabledAlgorithms=SSLv3, TLSv1, \\\n    DH keySize < 1024\n");
  facts::Snapshot process;
  process.process.pid = 7;
  process.files = files;
  const auto all =
      crypto_settings(process, {}, {{1, 7, "openat", "/etc/gnutls/config", ""}, {2, 7, "openat", "/jdk/conf/security/java.security", ""}});
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].name, "disabled-version");
  EXPECT_EQ(all[1].name, "jdk.tls.disabledAlgorithms");
  EXPECT_TRUE(all[1].value.starts_with("SSLv3, TLSv1,")) << all[1].value;
}

}  // namespace
}  // namespace tlswhy::diagnose
