#include "elf/search.h"

#include <elf.h>
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

// A program of one read-only segment behind the first page, on disk.
std::string program_with(const std::string& data) {
  Elf64_Ehdr header{};
  std::copy_n(
      "\x7f"
      "ELF\x02\x01\x01",
      7, header.e_ident);
  header.e_type = ET_DYN, header.e_machine = EM_X86_64, header.e_phoff = sizeof header, header.e_phentsize = sizeof(Elf64_Phdr), header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD, segment.p_flags = PF_R, segment.p_offset = 4096, segment.p_filesz = data.size();
  std::string path = ::testing::TempDir() + "windows";
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&header), sizeof header).write(reinterpret_cast<const char*>(&segment), sizeof segment);
  out.seekp(4096);
  out << data;
  return path;
}

TEST(Image, FindsWhatLiesAcrossWindowsAndHalves) {
  constexpr std::size_t kWindow = 1U << 20, kSize = 20 * kWindow;
  for (const std::size_t at : {kWindow - 3, kSize / 2 - 3, kSize / 2, kSize / 2 + kWindow - 1, kSize - kNeedles[0].size()}) {
    std::string data(kSize, '.');
    data.replace(at, kNeedles[0].size(), kNeedles[0]);
    const std::string path = program_with(data);
    Texts texts(kNeedles);
    auto image = Image::read(base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    ASSERT_TRUE(image && image->search(texts)) << at;
    EXPECT_EQ(texts.find(kNeedles[0]).size(), std::min(Texts::kContext - 1, kSize - at) + 1) << at;  // once, with what follows
    EXPECT_TRUE(texts.find(kNeedles[1]).empty()) << at;
    std::filesystem::remove(path);
  }
}

TEST(Image, WhatIsNoElfFileIsAnError) {
  const std::string path = ::testing::TempDir() + "no-elf";
  std::ofstream(path) << "text";
  EXPECT_FALSE(Image::read(base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace tlswhy::elf
