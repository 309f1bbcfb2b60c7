#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "host/files.h"
#include "host/proc_text.h"
#include "host/remembered_files.h"

namespace tlswhy::host {
namespace {

MemoryFiles sample() {
  MemoryFiles files;
  files.add_file("/etc/ssl/certs/ca.crt", "x");
  files.add_link("/usr/lib/ssl/cert.pem", "../../../etc/ssl/certs/ca.crt");
  files.add_link("/usr/lib/ssl/certs", "/etc/ssl/certs");
  files.add_link("/loop", "/loop");
  files.add_link("/dangling", "/mnt/gone/x");
  files.add_directory("/private", 0700);
  files.add_file("/private/ca.pem", "x");
  return files;
}

TEST(Resolve, FollowsRelativeAndAbsoluteLinks) {
  const MemoryFiles files = sample();
  EXPECT_EQ(resolve(files, "/usr/lib/ssl/cert.pem").path, "/etc/ssl/certs/ca.crt");
  const Resolved through = resolve(files, "/usr/lib/ssl/certs/ca.crt");
  EXPECT_EQ(through.path, "/etc/ssl/certs/ca.crt");
  ASSERT_EQ(through.links.size(), 1U);
  EXPECT_EQ(through.links[0], "/usr/lib/ssl/certs -> /etc/ssl/certs");
}

TEST(Resolve, SaysWhereItFails) {
  const MemoryFiles files = sample();
  EXPECT_EQ(resolve(files, "/dangling").error, ENOENT);
  EXPECT_EQ(resolve(files, "/dangling").failed_at, "/mnt");
  EXPECT_EQ(resolve(files, "/loop").error, ELOOP);
  EXPECT_EQ(resolve(files, "/etc/ssl/certs/ca.crt/x").error, ENOTDIR);
  EXPECT_EQ(resolve(files, "").error, ENOENT);
}

TEST(Resolve, NeverLeavesTheRoot) { EXPECT_EQ(resolve(sample(), "/../../etc/ssl/certs/ca.crt").path, "/etc/ssl/certs/ca.crt"); }

TEST(Resolve, JudgesForTheUser) {
  const MemoryFiles files = sample();
  const Credentials nobody{65534, 65534, {}, false}, root{0, 0, {}, false};
  EXPECT_EQ(resolve(files, "/private/ca.pem", nobody).error, EACCES);
  EXPECT_EQ(resolve(files, "/private/ca.pem", nobody).failed_at, "/private");
  EXPECT_EQ(resolve(files, "/private/ca.pem", root).error, 0);
  EXPECT_EQ(resolve(files, "/private/ca.pem", {}).error, 0);
}

TEST(RealFiles, ALinkInsideARootStaysInside) {
  std::string folder = ::testing::TempDir() + "tlswhy-root-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_EQ(::symlink("/etc/passwd", (folder + "/out").c_str()), 0);
  const auto files = RealFiles::open(folder);
  ASSERT_TRUE(files);
  EXPECT_EQ(resolve(**files, "/out").error, ENOENT);  // not the machine's /etc/passwd
  EXPECT_EQ(resolve(**files, "/out").links, std::vector<std::string>{"/out -> /etc/passwd"});
  EXPECT_FALSE((*files)->read("/out", 1000));
  ::unlink((folder + "/out").c_str());
  ::rmdir(folder.c_str());
}

// A file of just the size that is allowed, one of a byte more, and what is no file.
TEST(RealFiles, ReadsRegularFilesUpToALimit) {
  std::string folder = ::testing::TempDir() + "tlswhy-root-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/file") << "12345678";
  ASSERT_EQ(::mkfifo((folder + "/pipe").c_str(), 0600), 0);
  const auto files = RealFiles::open(folder);
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)->read("/file", 8).value_or(Bytes{}).size(), 8U);
  EXPECT_EQ((*files)->read("/file", 7).error().code, base::Code::kLimit);
  for (const char* path : {"/pipe", "/"}) {
    EXPECT_EQ((*files)->read(path, 8).error().code, base::Code::kUnsupported) << path;
    EXPECT_FALSE((*files)->open_file(path)) << path;
  }
  std::filesystem::remove_all(folder);
}

// Counts who asks.
class Counting : public MemoryFiles {
 public:
  [[nodiscard]] base::Result<Stat> lstat(const std::string& path) const override { return ++asked, MemoryFiles::lstat(path); }
  mutable int asked = 0;
};

TEST(RememberedFiles, AsksOnceAndSaysTheSame) {
  Counting files;
  files.add_file("/etc/ssl/certs/a.pem", "a");
  files.add_link("/etc/ssl/certs/0a0a0a0a.0", "a.pem");
  const RememberedFiles remembered(files);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(resolve(remembered, "/etc/ssl/certs/0a0a0a0a.0").path, "/etc/ssl/certs/a.pem");
  EXPECT_EQ(files.asked, 5);  // three directories, the link, the file
  EXPECT_EQ(resolve(remembered, "/etc/ssl/none").error, ENOENT);
  EXPECT_EQ(resolve(remembered, "/etc/ssl/none").error, ENOENT);
  EXPECT_EQ(files.asked, 6);
  EXPECT_EQ(remembered.read("/etc/ssl/certs/a.pem", 10).value(), Bytes{'a'});
}

TEST(ProcText, Maps) {
  const auto files = parse_maps(
      "7f0000000000-7f0000001000 r--p 00000000 fe:00 42 /lib/x.so\n"
      "7f0000001000-7f0000002000 r-xp 00001000 fe:00 42 /lib/x.so\n"
      "7f0000003000-7f0000004000 r-xp 00000000 fe:00 43 /tmp/a b.so (deleted)\n"
      "7ffc00000000-7ffc00001000 rw-p 00000000 00:00 0 [stack]\n"
      "garbage\n");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_TRUE(files[0].executable);
  EXPECT_FALSE(files[0].deleted);
  EXPECT_EQ(files[1].path, "/tmp/a b.so");
  EXPECT_TRUE(files[1].deleted);
}

TEST(ProcText, EnvironKeepsTheFirstOfDuplicates) {
  const auto env = parse_environ(std::string_view("A=1\0A=2\0B=\0=x\0junk\0", 19));
  EXPECT_EQ(env.at("A"), "1");
  EXPECT_EQ(env.at("B"), "");
  EXPECT_EQ(env.size(), 2U);
}

TEST(ProcText, OfSomeVariablesOnlyWordsAreKept) {
  const std::map<std::string, std::string> all{
      {"A", "x y"}, {"OPTIONS", "-Dstore=/a -Dpassword=secret -Dstore=/b"}, {"OTHER", "-Dpassword=secret"}, {"Z", "z"}};
  constexpr std::array<std::string_view, 4> kWanted{"A", "OPTIONS=-Dstore=", "OTHER=-Dstore=", "ABSENT"};
  EXPECT_EQ(choose_variables(all, kWanted), (std::map<std::string, std::string>{{"A", "x y"}, {"OPTIONS", "-Dstore=/a -Dstore=/b"}}));
}

TEST(ProcText, StatusGivesEffectiveIds) {
  const ProcStatus status = parse_status(
      "Name:\tx\nTgid:\t7\nPPid:\t3\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t9 10 "
      "\nCapEff:\t0000000000000002\nSeccomp:\t2\nSeccomp_filters:\t3\n");
  EXPECT_EQ(status.tgid, 7);
  EXPECT_EQ(status.who.uid, 2U);
  EXPECT_EQ(status.filters, 3U);
  EXPECT_EQ(status.who.gid, 6U);
  EXPECT_EQ(status.who.groups, (std::vector<gid_t>{9, 10}));
  EXPECT_TRUE(status.who.bypass);  // CAP_DAC_OVERRIDE
}

}  // namespace
}  // namespace tlswhy::host
