#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "prove/hashed_copy.h"
#include "prove/library_run.h"
#include "store/trust_store.h"
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
  const auto without = verify_in_library(place, chain(), {{"SSL_CERT_FILE", "/nowhere"}, {"SSL_CERT_DIR", "/nowhere"}});
  ASSERT_TRUE(without) << without.error().text();
  EXPECT_FALSE(without->ok);
  EXPECT_EQ(without->code, 20);
  EXPECT_EQ(without->text, "unable to get local issuer certificate");
  const auto with = verify_in_library(place, chain(), {{"SSL_CERT_FILE", root.path}, {"SSL_CERT_DIR", "/nowhere"}});
  ASSERT_TRUE(with) << with.error().text();
  EXPECT_TRUE(with->ok) << with->text;
}

TEST(VerifyInLibrary, GarbageIsAnErrorNotAVerdict) {
  SKIP_UNDER_ASAN();
  LibraryPlace place;
  place.crypto = std::make_shared<base::UniqueFd>(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(verify_in_library(place, chain(), {}));
  EXPECT_FALSE(verify_in_library(system_library(), {{1, 2, 3}}, {}));
}

TEST(HashedCopy, GivesUnhashedCertificatesTheirNames) {
  host::MemoryFiles files;
  files.add_file("/certs/whatever.pem", test::authority().root);
  std::string directory;
  {
    const auto copy = HashedCopy::make(files, "/certs");
    ASSERT_TRUE(copy) << copy.error().text();
    directory = copy->directory();
    const auto real = host::RealFiles::open("/");
    EXPECT_NE(store::StoreReader(**real).directory(directory).find(test::chain()[1]), nullptr);
  }
  EXPECT_NE(::access(directory.c_str(), F_OK), 0);  // gone with the object
  EXPECT_FALSE(HashedCopy::make(files, "/nowhere"));
}

}  // namespace
}  // namespace tlswhy::prove
