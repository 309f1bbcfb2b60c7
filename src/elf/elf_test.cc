#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/unique_fd.h"
#include "elf/accessor.h"
#include "elf/elf_file.h"
#include "elf/search.h"
#include "elf/sparse_image.h"

namespace tlswhy::elf {
namespace {

std::vector<std::uint8_t> load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The machine's own libcrypto: where it is differs, that there is one is sure (we link to it).
std::string system_libcrypto() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("libcrypto.so.3") != std::string::npos) return line.substr(line.find('/'));
  return "";
}

TEST(ElfFile, ReadsTheMachinesLibcrypto) {
  const auto bytes = load(system_libcrypto());
  const auto file = ElfFile::parse(bytes);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->soname(), "libcrypto.so.3");
  EXPECT_TRUE(file->shared_object());
  EXPECT_TRUE(file->find_symbol("X509_verify_cert"));
  EXPECT_FALSE(file->find_symbol("X509_verify_cert_"));
  EXPECT_FALSE(file->version_needs().empty());
  const auto& versions = file->version_definitions();
  EXPECT_NE(std::find(versions.begin(), versions.end(), "OPENSSL_3.0.0"), versions.end());
}

TEST(Accessor, DecodesThePathsThatTheLibraryReturns) {
  const auto bytes = load(system_libcrypto());
  const auto file = ElfFile::parse(bytes);
  ASSERT_TRUE(file);
  const auto directory = find_quoted(bytes, "OPENSSLDIR: \"", '"');
  ASSERT_TRUE(directory);
  EXPECT_EQ(decode_string_accessor(*file, "X509_get_default_cert_file").value(), *directory + "/cert.pem");
  EXPECT_EQ(decode_string_accessor(*file, "X509_get_default_cert_dir").value(), *directory + "/certs");
}

// X509_STORE_CTX begins with its store, as ever since 0.9 (crypto/x509/x509_local.h, "struct x509_store_ctx_st").
TEST(Accessor, DecodesWhereAFieldIs) {
  const auto bytes = load(system_libcrypto());
  const auto file = ElfFile::parse(bytes);
  EXPECT_EQ(decode_field_getter(*file, "X509_STORE_CTX_get0_store").value(), 0U);
  EXPECT_GT(decode_field_getter(*file, "X509_STORE_CTX_get_error").value(), 100U);
  EXPECT_EQ(decode_field_getter(*file, "X509_STORE_CTX_get_error").value() - decode_field_getter(*file, "X509_STORE_CTX_get_error_depth").value(),
            4U);
  EXPECT_EQ(decode_field_getter(*file, "X509_verify_cert").error().code, base::Code::kUnsupported);
}

// An ELF file for AArch64 with one function "f" of the given code, without a machine to run it.
std::vector<std::uint8_t> aarch64_file(const std::vector<std::uint32_t>& code) {
  std::vector<std::uint8_t> out;
  const auto put = [&](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(i < 8 ? static_cast<std::uint8_t>(value >> (8 * i)) : 0);
  };
  constexpr std::uint64_t kText = 64 + 56, kSize = 32, kSymbols = kText + kSize, kStrings = kSymbols + 48, kSections = kStrings + 8;
  for (const int byte : {0x7f, 0x45, 0x4c, 0x46, 2, 1, 1}) put(static_cast<std::uint64_t>(byte), 1);
  put(0, 8), put(0, 1);
  put(3, 2), put(183, 2), put(1, 4), put(0, 8), put(64, 8), put(kSections, 8), put(0, 4);
  put(64, 2), put(56, 2), put(1, 2), put(64, 2), put(3, 2), put(0, 2);
  put(1, 4), put(5, 4), put(0, 8), put(0, 8), put(0, 8), put(4096, 8), put(4096, 8), put(4096, 8);  // PT_LOAD
  for (const std::uint32_t one : code) put(one, 4);
  out.resize(kSymbols);
  put(0, 24);
  put(1, 4), put(2 | 1 << 4, 1), put(0, 1), put(1, 2), put(kText, 8), put(code.size() * 4, 8);
  put(0, 1), put('f', 1), put(0, 6);
  const auto section = [&](std::uint64_t type, std::uint64_t offset, std::uint64_t size, std::uint64_t link) {
    put(0, 4), put(type, 4), put(0, 8), put(0, 8), put(offset, 8), put(size, 8), put(link, 4), put(0, 20);
  };
  section(0, 0, 0, 0), section(11, kSymbols, 48, 2), section(3, kStrings, 8, 0);
  return out;
}

TEST(Accessor, DecodesAarch64AsWell) {
  // bti c; ldr w0, [x0, #176]; ret — and with 64 bits: ldr x0, [x0, #8]
  const auto half = aarch64_file({0xd503245f, 0xb940b000, 0xd65f03c0}), word = aarch64_file({0xf9400400, 0xd65f03c0}),
             other = aarch64_file({0xd2800000, 0xd65f03c0});
  EXPECT_EQ(decode_field_getter(*ElfFile::parse(half), "f").value(), 176U);
  EXPECT_EQ(decode_field_getter(*ElfFile::parse(word), "f").value(), 8U);
  EXPECT_EQ(decode_field_getter(*ElfFile::parse(other), "f").error().code, base::Code::kUnsupported);  // mov x0, #0
}

TEST(SparseImage, SaysTheSameAsTheWholeFile) {
  const std::string path = system_libcrypto();
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY));
  auto image = SparseImage::read(fd.get(), false);
  ASSERT_TRUE(image);
  const auto sparse = ElfFile::parse(image->view(), false, image->parts());
  const auto bytes = load(path);
  const auto whole = ElfFile::parse(bytes);
  ASSERT_TRUE(sparse && whole);
  EXPECT_EQ(sparse->soname(), whole->soname());
  EXPECT_EQ(sparse->first_address(), whole->first_address());
  constexpr std::array<std::string_view, 3> kNames{"X509_verify_cert", "no_such_function", "d2i_X509"};
  const auto here = sparse->find_symbols(kNames), there = whole->find_symbols(kNames);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    ASSERT_EQ(here[i].has_value(), there[i].has_value()) << kNames[i];
    if (here[i]) {
      EXPECT_EQ(here[i]->address, there[i]->address);
    }
  }
  std::array<std::uint8_t, 64> room{};
  EXPECT_TRUE(image->peek(bytes.size() / 2, room));
  EXPECT_TRUE(std::equal(room.begin(), room.end(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2)));
  EXPECT_FALSE(image->peek(bytes.size() - 32, room));  // ends before
  EXPECT_FALSE(image->peek(UINT64_MAX - 8, room));
  EXPECT_FALSE(image->section(".no-such-section"));
  EXPECT_TRUE(image->section(".rodata"));
}

// patchelf moves them behind everything else.
TEST(SparseImage, ProgramHeadersMayStandAnywhere) {
  auto bytes = load(system_libcrypto());
  const std::string soname(ElfFile::parse(bytes)->soname());
  Elf64_Ehdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::vector<std::uint8_t> segments(bytes.begin() + static_cast<std::ptrdiff_t>(header.e_phoff),
                                           bytes.begin() + static_cast<std::ptrdiff_t>(header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr)));
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(header.e_phoff), segments.size(), std::uint8_t{0});
  bytes.resize(bytes.size() + 16384);  // the section headers are fetched in any case
  header.e_phoff = bytes.size();
  std::memcpy(bytes.data(), &header, sizeof header);
  bytes.insert(bytes.end(), segments.begin(), segments.end());
  const base::UniqueFd fd(::memfd_create("moved", MFD_CLOEXEC));
  ASSERT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  auto image = SparseImage::read(fd.get(), false);
  ASSERT_TRUE(image);
  const auto moved = ElfFile::parse(image->view(), false, image->parts());
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->soname(), soname);
  EXPECT_TRUE(moved->find_symbol("X509_verify_cert"));
}

TEST(Accessor, RefusesCodeThatDecides) {
  const auto bytes = load(system_libcrypto());
  const auto file = ElfFile::parse(bytes);
  EXPECT_EQ(decode_string_accessor(*file, "X509_verify_cert").error().code, base::Code::kUnsupported);
  EXPECT_EQ(decode_string_accessor(*file, "no_such_function").error().code, base::Code::kNotFound);
}

TEST(ElfFile, RefusesWhatIsNotElf) {
  const std::vector<std::uint8_t> text{'#', '!', '/', 'b'};
  EXPECT_EQ(ElfFile::parse(text).error().code, base::Code::kUnsupported);
  EXPECT_EQ(ElfFile::parse({}).error().code, base::Code::kUnsupported);
}

// Cut anywhere, it is an error with a place or a smaller file; never a crash (ASan watches).
TEST(ElfFile, TruncatedAnywhere) {
  const auto bytes = load("/proc/self/exe");
  for (std::size_t size = 0; size < 4096; size += 7) {
    const auto file = ElfFile::parse(bytes::View(bytes).first(std::min(size, bytes.size())));
    EXPECT_TRUE(file || !file.error().message.empty());
  }
}

// Every byte of the headers turned over, one at a time.
TEST(ElfFile, HostileHeaders) {
  auto bytes = load(system_libcrypto());
  for (std::size_t at = 16; at < 1024; ++at) {
    const std::uint8_t before = bytes[at];
    for (const int flip : {0xff, 0x80, 0x01}) {
      bytes[at] = static_cast<std::uint8_t>(before ^ flip);
      if (const auto file = ElfFile::parse(bytes)) (void)file->find_symbol("no_such_function");
    }
    bytes[at] = before;
  }
}

TEST(Search, SkipsMatchesThatAreNotText) {
  const std::string text = std::string("OPENSSLDIR: \"\x01zzz") + "OPENSSLDIR: \"/usr/lib/ssl\"";
  EXPECT_EQ(find_quoted({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "OPENSSLDIR: \"", '"'), "/usr/lib/ssl");
}

}  // namespace
}  // namespace tlswhy::elf
