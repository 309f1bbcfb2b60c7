#include "loader/loader.h"

#include <gtest/gtest.h>

namespace tlswhy::loader {
namespace {

const Object kMain{"/opt/app/bin/engine", "", {"libcrypto.so.1.1"}, "", "$ORIGIN/../lib"};
const Object kLibrary{"/opt/app/lib/libcrypto.so.1.1", "libcrypto.so.1.1", {}, "", ""};

host::MemoryFiles files_with(const std::string& path) {
  host::MemoryFiles files;
  files.add_file("/opt/app/bin/engine", "");
  files.add_file(path, "");
  return files;
}

TEST(Explain, RunpathWithOrigin) {
  const auto text = explain(files_with("/opt/app/lib/libcrypto.so.1.1"), {kMain, kLibrary}, kLibrary.path, {}, false);
  EXPECT_NE(text.find("engine needs libcrypto.so.1.1, found through RUNPATH"), std::string::npos) << text;
}

TEST(Explain, LibraryPathGoesBeforeRunpath) {
  const auto text =
      explain(files_with("/opt/app/lib/libcrypto.so.1.1"), {kMain, kLibrary}, kLibrary.path, {{"LD_LIBRARY_PATH", "/x:/opt/app/lib"}}, false);
  EXPECT_NE(text.find("LD_LIBRARY_PATH"), std::string::npos) << text;
}

TEST(Explain, AtSecureIgnoresLibraryPath) {
  const Object plain{"/opt/app/bin/engine", "", {"libcrypto.so.1.1"}, "", ""};
  const auto text =
      explain(files_with("/opt/app/lib/libcrypto.so.1.1"), {plain, kLibrary}, kLibrary.path, {{"LD_LIBRARY_PATH", "/opt/app/lib"}}, true);
  EXPECT_EQ(text.find("LD_LIBRARY_PATH"), std::string::npos) << text;
}

TEST(Explain, DefaultDirectoryAndDlopen) {
  const Object system{"/usr/lib/x86_64-linux-gnu/libcrypto.so.1.1", "libcrypto.so.1.1", {}, "", ""};
  EXPECT_NE(explain(files_with(system.path), {kMain, system}, system.path, {}, false).find("default directory"), std::string::npos);
  const Object lonely{"/opt/app/bin/engine", "", {}, "", ""};
  EXPECT_NE(explain(files_with(kLibrary.path), {lonely, kLibrary}, kLibrary.path, {}, false).find("dlopen"), std::string::npos);
}

TEST(SearchPath, RpathCountsOnlyWithoutRunpath) {
  const Object old{"/a/b", "", {}, "/r", ""}, both{"/a/b", "", {}, "/r", "/s"};
  EXPECT_EQ(search_path(old, old, {}, false).front().directory, "/r");
  EXPECT_EQ(search_path(both, both, {}, false).front().directory, "/s");
}

TEST(Cache, DamagedOnesAreEmpty) {
  host::MemoryFiles files;
  EXPECT_TRUE(read_cache(files).empty());
  std::string cache = "glibc-ld.so.cache1.1";
  cache.resize(60, '\xff');
  files.add_file("/etc/ld.so.cache", cache);
  EXPECT_TRUE(read_cache(files).empty());
}

TEST(Closure, OfARealProgram) {
  const auto root = host::RealFiles::open("/");
  const auto objects = closure(**root, "/bin/sh", {});
  ASSERT_GE(objects.size(), 2U);
  EXPECT_EQ(objects.front().path, "/bin/sh");
}

TEST(VersionLacks, WhatIsThereAndDefinesNone) {
  Object user{
      "/opt/_ssl.so", "", {"libssl.so.3", "libc.so.6"}, "", "", {{"libssl.so.3", {"OPENSSL_3.0.0", "OPENSSL_3.2.0"}}, {"libc.so.6", {"GLIBC_2.4"}}}};
  Object library{"/lib/libssl.so.3", "libssl.so.3", {}, "", "", {}, {"libssl.so.3", "OPENSSL_3.0.0"}};
  const Object plain{"/lib/libc.so.6", "libc.so.6", {}, "", ""};  // without versions it is taken as it is
  const auto lacks = version_lacks({user, library, plain});
  ASSERT_EQ(lacks.size(), 1);
  EXPECT_EQ(lacks[0].version, "OPENSSL_3.2.0");
  EXPECT_EQ(lacks[0].wanted_by, user.path);
  EXPECT_EQ(lacks[0].library, library.path);
  library.versions.emplace_back("OPENSSL_3.2.0");
  EXPECT_TRUE(version_lacks({user, library, plain}).empty());
}

TEST(Unfit, ByTheHeadOfTheFile) {
  const std::string head = std::string("\x7f") + "ELF\x02\x01\x01" + std::string(9, '\0') + std::string("\x03\0\x3e\0", 4);
  std::string other = head;
  other[4] = 1;  // 32 bits
  host::MemoryFiles files;
  files.add_file("/bin/x", head);
  files.add_file("/lib/a.so", head);
  files.add_file("/lib/b.so", other);
  files.add_file("/lib/c.so", "not a library, and longer than a head");
  EXPECT_EQ(unfit(files, "/bin/x", "/lib/a.so"), Unfit::kNot);
  EXPECT_EQ(unfit(files, "/bin/x", "/lib/b.so"), Unfit::kMachine);
  EXPECT_EQ(unfit(files, "/bin/x", "/lib/c.so"), Unfit::kNoElf);
}

}  // namespace
}  // namespace tlswhy::loader
