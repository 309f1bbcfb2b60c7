#include "observe/launcher.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tlswhy::observe {
namespace {

// As execvp(3): what is not executable is passed over, an empty entry is the working directory, and a slash ends the search.
TEST(FindProgram, TakesWhatExecWouldTake) {
  const auto base = std::filesystem::temp_directory_path() / ("launcher" + std::to_string(::getpid()));
  for (const char* folder : {"first", "second"}) {
    std::filesystem::create_directories(base / folder);
    std::ofstream(base / folder / "tool") << "#!/bin/sh\n";
  }
  ::chmod((base / "second" / "tool").c_str(), 0755);
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", ((base / "first").string() + ":" + (base / "second").string() + ":").c_str(), 1);
  EXPECT_EQ(find_program("tool"), (base / "second" / "tool").string());
  EXPECT_EQ(find_program("first/tool"), "first/tool");
  EXPECT_EQ(find_program("no-such-tool"), "");
  std::filesystem::current_path(base / "second");
  ::setenv("PATH", ":/nowhere", 1);
  EXPECT_EQ(find_program("tool"), "tool");
  ::setenv("PATH", before.c_str(), 1);
  std::filesystem::current_path("/");
  std::filesystem::remove_all(base);
}

}  // namespace
}  // namespace tlswhy::observe
