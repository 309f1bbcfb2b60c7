#include "store/openssl_config.h"

#include <gtest/gtest.h>

namespace tlswhy::store {
namespace {

OpenSslConfig read(const host::MemoryFiles& files, const std::map<std::string, std::string>& env = {}) {
  return read_openssl_config(files, "/etc/ssl/openssl.cnf", {}, env);
}

TEST(OpenSslConfig, SectionsNamesAndValues) {
  host::MemoryFiles files;
  files.add_file("/etc/ssl/openssl.cnf",
                 "openssl_conf = init # the start\n\n[ init ]\nssl_conf=ssl\r\n[ssl]\nsystem_default = sys\n[sys]\n"
                 "CipherString = \"DEFAULT#\"\\\n:@SECLEVEL=2\nMinProtocol=TLSv1\nMinProtocol = TLSv1.2\nother::x = y\n");
  const OpenSslConfig config = read(files);
  EXPECT_TRUE(config.troubles.empty());
  ASSERT_NE(config.find("default", "openssl_conf"), nullptr);
  EXPECT_EQ(config.find("default", "openssl_conf")->value, "init");
  ASSERT_NE(config.find("sys", "CipherString"), nullptr);
  EXPECT_EQ(config.find("sys", "CipherString")->value, "DEFAULT#:@SECLEVEL=2");
  EXPECT_EQ(config.find("sys", "CipherString")->line, 9);
  EXPECT_EQ(config.find("sys", "MinProtocol")->value, "TLSv1.2");
  EXPECT_EQ(config.section("sys").size(), 2);
  EXPECT_EQ(config.find("other", "x")->value, "y");
}

TEST(OpenSslConfig, VariablesAndIncludes) {
  host::MemoryFiles files;
  files.add_file("/etc/ssl/openssl.cnf",
                 "dir = /opt\nmodule = $dir/x.so\nfrom = ${ENV::WHERE}/y\n[sys]\n.include /etc/ssl/more.cnf\n.include = /etc/none.cnf\n"
                 ".include /etc/ssl/d\n.include more.cnf\n");
  files.add_file("/etc/ssl/more.cnf", "Options = -Sessions\n");
  files.add_file("/etc/ssl/d/a.cnf", "Groups = X25519\n");
  files.add_file("/etc/ssl/d/a.txt", "Groups = P-256\n");
  const OpenSslConfig config = read(files, {{"WHERE", "/w"}});
  EXPECT_EQ(config.find("default", "module")->value, "/opt/x.so");
  EXPECT_EQ(config.find("default", "from")->value, "/w/y");
  EXPECT_EQ(config.find("sys", "Options")->file, "/etc/ssl/more.cnf");
  EXPECT_EQ(config.find("sys", "Groups")->value, "X25519");
  ASSERT_EQ(config.troubles.size(), 2);
  EXPECT_EQ(config.troubles[0].what, "ENOENT");
  EXPECT_FALSE(config.troubles[0].fatal);
  EXPECT_EQ(config.troubles[0].line, 6);
}

TEST(OpenSslConfig, BrokenLines) {
  host::MemoryFiles files;
  files.add_file("/etc/ssl/openssl.cnf", "a = b\n[c\nd = e\n");
  const OpenSslConfig config = read(files);
  ASSERT_EQ(config.troubles.size(), 1);
  EXPECT_TRUE(config.troubles[0].fatal);
  EXPECT_EQ(config.troubles[0].line, 2);
  EXPECT_EQ(config.find("c", "d"), nullptr);
}

TEST(OpenSslConfig, EndlessIncludesAreBounded) {
  host::MemoryFiles files;
  files.add_file("/etc/ssl/openssl.cnf", ".include /etc/ssl/openssl.cnf\n.include /etc/ssl/openssl.cnf\n");
  EXPECT_FALSE(read(files).troubles.empty());
  const OpenSslConfig none = read_openssl_config(host::MemoryFiles{}, "/x.cnf", {}, {});
  ASSERT_EQ(none.troubles.size(), 1);
  EXPECT_TRUE(none.troubles[0].fatal);
}

}  // namespace
}  // namespace tlswhy::store
