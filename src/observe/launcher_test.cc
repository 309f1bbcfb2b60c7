#include "observe/launcher.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

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

// The command must not run, nor stay a zombie.
TEST(Launched, EndsWhatWasNotStarted) {
  const auto base = std::filesystem::temp_directory_path() / ("launched" + std::to_string(::getpid()));
  pid_t pid = 0;
  {
    const auto child = Launched::make({"/bin/mkdir", base.string()}, {});
    ASSERT_TRUE(child);
    pid = child->pid();
    EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG | __WALL), 0);
  }
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG | __WALL), -1);
  EXPECT_FALSE(std::filesystem::remove(base));
}

// What becomes of it is reported: that it can't be executed, with the errno, or nothing.
TEST(Launched, TellsWhyItCantBeExecuted) {
  for (const auto& [program, error] : {std::pair("/bin/true", 0), std::pair("/etc", EACCES), std::pair("/no/such", ENOENT)}) {
    auto child = Launched::make({program}, {});
    ASSERT_TRUE(child);
    child->start();
    StartReport report;
    child->read_report(report, true);
    EXPECT_EQ(report.exec_error, error) << program;
    int status = 0;
    EXPECT_EQ(::waitpid(child->pid(), &status, __WALL), child->pid());
    EXPECT_EQ(WIFEXITED(status) && WEXITSTATUS(status) == 0, error == 0);
  }
}

}  // namespace
}  // namespace tlswhy::observe
