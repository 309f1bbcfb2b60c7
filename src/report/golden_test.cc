// Whole texts: each report of tests/golden/*.json as it is shown, plain and with colours. `BLESS=1 unit_tests --gtest_filter=Golden*`
// writes the texts anew; read the difference before it is committed.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "findings/json.h"
#include "report/table.h"

namespace tlswhy::report {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Escape characters as "\e", so that the files can be read and compared.
std::string visible(const std::string& text) {
  std::string out;
  for (const char letter : text) out += letter == '\x1b' ? std::string("\\e") : std::string(1, letter);
  return out;
}

void expect(const fs::path& golden, const std::string& text) {
  if (std::getenv("BLESS") != nullptr) std::ofstream(golden) << visible(text);
  EXPECT_EQ(visible(text), read(golden)) << golden;
}

findings::Report load(const fs::path& path) {
  auto report = findings::from_json(read(path));
  EXPECT_TRUE(report) << path << ": " << report.error().text();
  return report ? *report : findings::Report{};
}

std::vector<fs::path> cases() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(TLSWHY_GOLDEN))
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  return out;
}

TEST(Golden, EveryReportAsItIsShown) {
  for (const fs::path& path : cases()) {
    const findings::Report report = load(path);
    expect(fs::path(path).replace_extension(".plain.txt"), form("plain").render(report, {true, false, false}));
    expect(fs::path(path).replace_extension(".terminal.txt"), form("terminal").render(report, {true, false, true}));
  }
}

TEST(Golden, EveryKindIsThere) {
  std::set<facts::Kind> seen;
  for (const fs::path& path : cases()) seen.insert(load(path).kind);
  EXPECT_EQ(seen.size(), facts::kKindWords.size());
}

TEST(Golden, NothingOfAReportSteersATerminal) {
  for (const fs::path& path : cases()) EXPECT_EQ(form("plain").render(load(path), {}).find('\x1b'), std::string::npos) << path;
}

}  // namespace
}  // namespace tlswhy::report
