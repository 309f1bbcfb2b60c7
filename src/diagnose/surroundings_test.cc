#include "diagnose/surroundings.h"

#include <gtest/gtest.h>

namespace tlswhy::diagnose {
namespace {

// Memory has no times: all of its files are of 1970.
class Dated : public host::MemoryFiles {
 public:
  std::map<std::string, std::int64_t> times;
  [[nodiscard]] base::Result<host::Stat> lstat(const std::string& path) const override {
    auto out = host::MemoryFiles::lstat(path);
    if (const auto at = times.find(path); out && at != times.end()) out->modified = at->second;
    return out;
  }
};

TEST(Surroundings, TheNewestFileTellsADayThatIsPast) {
  Dated files;
  EXPECT_EQ(clock_of(files).newest_file, "");
  files.add_file("/var/lib/dpkg/status", "");
  files.add_file("/etc/ld.so.cache", "");
  files.times = {{"/var/lib/dpkg/status", 1'700'000'000}, {"/etc/ld.so.cache", 1'600'000'000}};
  EXPECT_EQ(clock_of(files).newest_file, "/var/lib/dpkg/status");
  EXPECT_EQ(clock_of(files).newest_file_time, "2023-11-14T22:13:20Z");
}

TEST(Surroundings, TheSystemByItsOwnName) {
  host::MemoryFiles files;
  EXPECT_EQ(name_of_system(files).id, "");
  files.add_file("/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n");
  const facts::System found = name_of_system(files);
  EXPECT_EQ(found.id + " " + found.version + " " + found.name, "debian 12 Debian GNU/Linux 12 (bookworm)");
}

TEST(Surroundings, AMachineHasAClock) {
  facts::Facts facts;
  describe_surroundings(host::RealFiles::machine(), facts);
  EXPECT_EQ(facts.observed_at.size(), 20U);
  EXPECT_GT(facts.observed_at, "2026");
}

}  // namespace
}  // namespace tlswhy::diagnose
