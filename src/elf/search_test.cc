#include "elf/search.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "elf/image.h"

namespace tlswhy::elf {
namespace {

constexpr std::array<std::string_view, 3> kNeedles{"needle one", "needle two", "absent"};

bytes::View view(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(Texts, FindsWhatIsThereAndWhatFollows) {
  const std::string text = std::string(5001, 'n') + "needle one!" + std::string(77, '.') + "needle two";
  Texts texts(kNeedles);
  texts.search(view(text), text.size());
  EXPECT_EQ(texts.find("needle one")[10], '!');
  EXPECT_EQ(texts.find("needle two").size(), 11U);  // with the NUL behind it
  EXPECT_TRUE(texts.find("absent").empty());
  EXPECT_TRUE(texts.find("never asked for").empty());
}

TEST(Texts, AWindowCountsOnlyPlacesInIt) {
  const std::string text = "needle one needle two";
  Texts texts(kNeedles);
  texts.search(view(text), 11);
  EXPECT_FALSE(texts.find("needle one").empty());
  EXPECT_TRUE(texts.find("needle two").empty());
}

// The windows of a file on disk find what the whole of it in memory has, on every boundary.
TEST(Image, FindsWhatTheWholeFileHas) {
  const std::string self = "/proc/self/exe";
  std::ifstream in(self, std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  const auto whole = ElfFile::parse(bytes);
  auto image = Image::read(base::UniqueFd(::open(self.c_str(), O_RDONLY | O_CLOEXEC)));
  ASSERT_TRUE(whole && image);
  constexpr std::array<std::string_view, 4> kHere{"FindsWhatTheWholeFileHas", "OPENSSLDIR: \"", "-----BEGIN CERTIFICATE-----", "no such text\x01"};
  Texts of_whole(kHere), of_image(kHere);
  of_whole.search(*whole);
  ASSERT_TRUE(image->search(of_image));
  for (const std::string_view one : kHere) EXPECT_EQ(of_whole.find(one).empty(), of_image.find(one).empty()) << one;
  EXPECT_FALSE(of_image.find(kHere[0]).empty());
}

TEST(Image, WhatIsNoElfFileIsAnError) {
  const std::string path = ::testing::TempDir() + "no-elf";
  std::ofstream(path) << "text";
  EXPECT_FALSE(Image::read(base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace tlswhy::elf
