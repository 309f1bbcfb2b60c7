#include "host/overlay_files.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "host/file_mode.h"

namespace tlswhy::host {
namespace {

std::string content(const Files& files, const std::string& path, const Credentials& who = {}) {
  const auto bytes = read_following(files, path, 1000, who);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "errno " + std::to_string(bytes.error().sys_errno);
}

const Credentials kUser{1000, 1000, {}, false};

TEST(OverlayFiles, ALinkIsMadeWhereNoDirectoryWas) {
  MemoryFiles below;
  below.add_file("/etc/bundle.pem", "roots");
  OverlayFiles files(below);
  EXPECT_EQ(content(files, "/usr/local/ssl/cert.pem"), "errno " + std::to_string(ENOENT));
  files.make_link("/usr/local/ssl/cert.pem", "/etc/bundle.pem");
  EXPECT_EQ(content(files, "/usr/local/ssl/cert.pem"), "roots");
  EXPECT_EQ(files.list("/usr/local").value(), std::vector<std::string>{"ssl"});
  EXPECT_FALSE(below.lstat("/usr"));  // nothing was written
}

TEST(OverlayFiles, WhatIsPutStandsBesideWhatIsThereAndInItsPlace) {
  MemoryFiles below;
  below.add_file("/etc/ssl/a", "old");
  below.add_directory("/etc/ssl", 0750);
  OverlayFiles files(below);
  files.write_file("/etc/ssl/b", "new");
  files.write_file("/etc/ssl/a", "other");
  EXPECT_EQ(files.list("/etc/ssl").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(content(files, "/etc/ssl/a"), "other");
  EXPECT_EQ(content(files, "/etc/ssl/b"), "new");
  EXPECT_EQ(files.lstat("/etc/ssl")->mode, 0750U);  // the directory is still the one below
}

TEST(OverlayFiles, EachDirectoryThatRefusesNeedsItsOwnMode) {
  MemoryFiles below;
  below.add_directory("/etc/ssl", 0700);
  below.add_directory("/etc/ssl/certs", 0700);
  below.add_file("/etc/ssl/certs/x.pem", "x", 0600);
  OverlayFiles files(below);
  ASSERT_TRUE(files.change_mode("/etc/ssl", "a+rX"));
  EXPECT_EQ(content(files, "/etc/ssl/certs/x.pem", kUser), "errno " + std::to_string(EACCES));
  ASSERT_TRUE(files.change_mode("/etc/ssl/certs", "a+rX"));
  ASSERT_TRUE(files.change_mode("/etc/ssl/certs/x.pem", "a+rX"));
  EXPECT_EQ(content(files, "/etc/ssl/certs/x.pem", kUser), "x");
  EXPECT_FALSE(files.change_mode("/etc/none", "a+rX"));
}

TEST(Refusing, NamesEveryComponent) {
  MemoryFiles files;
  files.add_directory("/etc/ssl", 0700);
  files.add_directory("/etc/ssl/certs", 0700);
  files.add_file("/usr/share/roots.pem", "x", 0600);
  files.add_link("/etc/ssl/certs/x.pem", "/usr/share/roots.pem");
  EXPECT_EQ(refusing(files, "/etc/ssl/certs/x.pem", kUser), (std::vector<std::string>{"/etc/ssl", "/etc/ssl/certs", "/usr/share/roots.pem"}));
  EXPECT_EQ(refusing(files, "/etc/ssl/certs", kUser), (std::vector<std::string>{"/etc/ssl", "/etc/ssl/certs"}));
  EXPECT_TRUE(refusing(files, "/etc/ssl/certs/x.pem", {}).empty());
}

TEST(ChangedMode, AddsWhatChmodAdds) {
  EXPECT_EQ(changed_mode(0700, "a+rX", true), 0755U);
  EXPECT_EQ(changed_mode(0600, "a+rX", false), 0644U);
  EXPECT_EQ(changed_mode(0700, "a+rX", false), 0755U);
  EXPECT_EQ(changed_mode(0600, "o+r", false), 0604U);
  EXPECT_EQ(changed_mode(0600, "+x", true), 0711U);
  EXPECT_FALSE(changed_mode(0600, "0644", false));
  EXPECT_FALSE(changed_mode(0600, "a-r", false));
}

}  // namespace
}  // namespace tlswhy::host
