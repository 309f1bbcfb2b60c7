// The corpora as an ordinary test: what a fuzzer once found must stay found.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/targets.h"

namespace {

TEST(FuzzReplay, EveryCorpusFileOfEveryTarget) {
  for (const auto& target : fuzz::targets()) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(TLSWHY_CORPUS) / target.name)) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
      SCOPED_TRACE(entry.path());
      target.run(bytes);
      ++files;
    }
    EXPECT_GE(files, 3U) << target.name;
  }
}

}  // namespace
