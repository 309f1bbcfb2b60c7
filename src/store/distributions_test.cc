#include "store/distributions.h"

#include <gtest/gtest.h>

namespace tlswhy::store {
namespace {

std::string name_for(const std::string& os_release) {
  host::MemoryFiles files;
  files.add_file("/usr/lib/os-release", os_release);
  files.add_link("/etc/os-release", "../usr/lib/os-release");
  const Distribution* found = distribution_of(files);
  return found == nullptr ? "" : std::string(found->name);
}

TEST(Distributions, ByIdAndVersion) {
  EXPECT_EQ(name_for("ID=debian\nVERSION_ID=\"12\"\n"), "Debian 12");
  EXPECT_EQ(name_for("ID=debian\n"), "Debian");  // testing has no number
  EXPECT_EQ(name_for("ID=ubuntu\nVERSION_ID=\"20.04\"\nID_LIKE=debian\n"), "Ubuntu 20.04");
  EXPECT_EQ(name_for("ID=fedora\nVERSION_ID=44\n"), "Fedora 44 and later");
  EXPECT_EQ(name_for("ID=fedora\nVERSION_ID=9\n"), "Fedora");
}

TEST(Distributions, ARelativesVersionSaysNothingButOfRebuilds) {
  EXPECT_EQ(name_for("ID=\"rocky\"\nVERSION_ID=\"9.4\"\nID_LIKE=\"rhel centos fedora\"\n"), "RHEL 9");
  EXPECT_EQ(name_for("ID=linuxmint\nVERSION_ID=21\nID_LIKE=\"ubuntu debian\"\n"), "Ubuntu");
  EXPECT_EQ(name_for("ID=plan9\n"), "");
  EXPECT_EQ(distribution_of(host::MemoryFiles()), nullptr);
}

TEST(Distributions, EveryRowIsWhole) {
  for (const Distribution& one : distributions()) {
    EXPECT_FALSE(one.bundle.empty() || one.drop_in.empty() || one.from.empty()) << one.name;
    EXPECT_TRUE(one.bundle.starts_with('/')) << one.name;
  }
}

}  // namespace
}  // namespace tlswhy::store
