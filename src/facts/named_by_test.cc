#include "facts/named_by.h"

#include <gtest/gtest.h>

namespace tlswhy::facts {
namespace {

NamedBy named(std::vector<std::string> command, std::map<std::string, std::string> environment = {}) {
  Process process;
  process.command = std::move(command);
  process.trust_env = std::move(environment);
  return named_by(process, "/x/ca.pem");
}

TEST(NamedBy, VariablesAndOptions) {
  EXPECT_EQ(named({"a"}, {{"REQUESTS_CA_BUNDLE", "/x/ca.pem"}}).variable, "REQUESTS_CA_BUNDLE");
  EXPECT_EQ(named({"a", "url", "--cacert", "/x/ca.pem"}).option, "--cacert");
  EXPECT_EQ(named({"a", "--cacert=/x/ca.pem"}).option, "--cacert");
  EXPECT_EQ(named({"kcat", "-X", "ssl.ca.location=/x/ca.pem"}).option, "ssl.ca.location");
  EXPECT_EQ(named({"kcat", "-X", "ssl.ca.location", "/x/ca.pem"}).option, "ssl.ca.location");
  const NamedBy socat = named({"socat", "-", "OPENSSL:h:443,verify=1,cafile=/x/ca.pem"});
  EXPECT_EQ(socat.option, "OPENSSL:h:443,verify=1,cafile");
  EXPECT_EQ(socat.word(), "cafile");
}

TEST(NamedBy, AnOptionComesBeforeAVariable) {
  const NamedBy both = named({"a", "b", "--cacert", "/x/ca.pem"}, {{"CURL_CA_BUNDLE", "/x/ca.pem"}});
  EXPECT_EQ(both.option, "--cacert");
  EXPECT_EQ(both.variable, "");
}

TEST(NamedBy, NobodyNamesIt) {
  EXPECT_FALSE(named({"a", "/x/ca.pem"}).somebody());  // an operand
  EXPECT_FALSE(named({"a", "get", "/x/ca.pem"}).somebody());
  EXPECT_FALSE(named({"a"}, {{"LD_PRELOAD", "/x/ca.pem"}, {"HOME", "/x/ca.pem"}, {"OTHER", "/x/ca.pe"}}).somebody());
}

TEST(NamedBy, WhatSpeaksOfTrust) {
  for (const char* option : {"--cacert", "--ca-certificate", "-CAfile", "--ssl-trustfile", "ssl.ca.location", "--cert", "--sslrootcert"})
    EXPECT_TRUE((NamedBy{"", option}.speaks_of_trust())) << option;
  for (const char* option : {"--key", "--private-key", "-o", "--config", "--cafile-key"})
    EXPECT_FALSE((NamedBy{"", option}.speaks_of_trust())) << option;
  EXPECT_TRUE((NamedBy{"MY_CA_BUNDLE", ""}.speaks_of_trust()));
  EXPECT_FALSE(NamedBy{}.speaks_of_trust());
}

}  // namespace
}  // namespace tlswhy::facts
