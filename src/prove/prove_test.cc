#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>

#include "prove/library_run.h"
#include "tests/pki.h"

namespace tlswhy::prove {
namespace {

LibraryPlace system_library() {
  std::ifstream maps("/proc/self/maps");
  LibraryPlace place;
  for (std::string line; std::getline(maps, line) && !place.crypto;)
    if (line.find("libcrypto.so.3") != std::string::npos)
      place.crypto = std::make_shared<base::UniqueFd>(::open(line.substr(line.find('/')).c_str(), O_RDONLY | O_CLOEXEC));
  return place;
}

std::vector<std::vector<std::uint8_t>> chain() { return {test::chain()[0].der(), test::chain()[1].der()}; }

const std::map<std::string, std::string> kNowhere{{"SSL_CERT_FILE", "/nowhere"}, {"SSL_CERT_DIR", "/nowhere"}};

struct Root {
  std::string path = ::testing::TempDir() + "tlswhy-unit-root.pem";
  Root() { std::ofstream(path) << test::authority().root; }
  ~Root() { ::unlink(path.c_str()); }
};

// The sanitizers' own mappings do not fit the sandbox's limits.
#if defined(__SANITIZE_ADDRESS__)
#define SKIP_UNDER_ASAN() GTEST_SKIP() << "AddressSanitizer reserves more memory than the sandbox allows"
#else
#define SKIP_UNDER_ASAN() static_cast<void>(0)
#endif

TEST(VerifyInLibrary, FailsWithoutAndPassesWithTheAnchor) {
  SKIP_UNDER_ASAN();
  const LibraryPlace place = system_library();
  const Root root;
  const auto without = verify_in_library(place, {chain(), kNowhere, {}, {}, "", "", true, false});
  ASSERT_TRUE(without) << without.error().text();
  EXPECT_FALSE(without->ok);
  EXPECT_EQ(without->code, 20);
  EXPECT_EQ(without->text, "unable to get local issuer certificate");
  const auto with = verify_in_library(place, {chain(), {{"SSL_CERT_FILE", root.path}, {"SSL_CERT_DIR", "/nowhere"}}, {}, {}, "", "", true, false});
  ASSERT_TRUE(with) << with.error().text();
  EXPECT_TRUE(with->ok) << with->text;
}

TEST(VerifyInLibrary, GarbageIsAnErrorNotAVerdict) {
  SKIP_UNDER_ASAN();
  LibraryPlace place;
  place.crypto = std::make_shared<base::UniqueFd>(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(verify_in_library(place, {chain(), {}, {}, {}, "", "", true, false}));
  EXPECT_FALSE(verify_in_library(system_library(), {{{1, 2, 3}}, {}, {}, {}, "", "", true, false}));
}

TEST(VerifyInLibrary, AnAnchorATimeAndANameAreTerms) {
  SKIP_UNDER_ASAN();
  const LibraryPlace place = system_library();
  Trial trial{chain(), kNowhere, {}, {}, "", "", true, false};
  trial.partial_chain = true;
  trial.anchors = {chain()[1]};  // no root: it ends the chain all the same
  ASSERT_TRUE(verify_in_library(place, trial));
  EXPECT_TRUE(verify_in_library(place, trial)->ok) << verify_in_library(place, trial)->text;
  trial.name = "other.name.test";
  EXPECT_EQ(verify_in_library(place, trial)->code, 62);
  trial.name = "127.0.0.9";
  EXPECT_EQ(verify_in_library(place, trial)->code, 64);
  trial.name.clear();
  trial.time = "0";
  EXPECT_EQ(verify_in_library(place, trial)->code, 9);  // not yet valid in 1970
}

// The library sees the files as the printed command would make them, the machine does not.
TEST(VerifyInLibrary, FilesAreChangedForItAlone) {
  SKIP_UNDER_ASAN();
  const Root root;
  const std::string folder = ::testing::TempDir() + "tlswhy-unit-place";
  Trial trial{chain(), {{"SSL_CERT_FILE", folder + "/below/cert.pem"}, {"SSL_CERT_DIR", "/nowhere"}}, {}, {}, "", "", true, false};
  ASSERT_TRUE(::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST);
  std::ofstream(folder + "/beside") << "stays";
  trial.edits = {{FileEdit::Kind::kLink, folder + "/below/cert.pem", root.path}};
  const auto answer = verify_in_library(system_library(), trial);
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_TRUE(answer->ok) << answer->text;
  EXPECT_NE(::access((folder + "/below").c_str(), F_OK), 0);
  EXPECT_EQ(::access((folder + "/beside").c_str(), F_OK), 0);
}

TEST(FileEdits, ThereAndBack) {
  const std::vector<FileEdit> edits{
      {FileEdit::Kind::kLink, "/a b", "/c\n"}, {FileEdit::Kind::kWrite, "/x", ""}, {FileEdit::Kind::kMode, "/y", "a+rX"}};
  EXPECT_EQ(unpack_edits(pack(edits)).value(), edits);
  EXPECT_FALSE(unpack_edits("l9 9\n/a"));
  EXPECT_FALSE(unpack_edits("nonsense"));
}

}  // namespace
}  // namespace tlswhy::prove
