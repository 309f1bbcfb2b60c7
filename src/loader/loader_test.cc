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

}  // namespace
}  // namespace tlswhy::loader
