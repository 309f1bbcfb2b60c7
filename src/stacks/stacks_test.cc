#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "stacks/stack.h"
#include "tests/pki.h"

namespace tlswhy::stacks {
namespace {

facts::Stack openssl() {
  facts::Stack stack;
  stack.name = "OpenSSL";
  stack.build.cert_file = "/usr/local/ssl/cert.pem";
  stack.build.cert_dir = "/usr/local/ssl/certs";
  return stack;
}

struct World {
  host::MemoryFiles files;
  std::map<std::string, std::string> env;
  bool at_secure = false;
  [[nodiscard]] std::vector<facts::Source> sources() const {
    const store::AnchorReader reader(files);
    const host::Viewpoint as{files, {}, env, at_secure};
    return sources_of(openssl(), {as, reader, &test::chain()[1]});
  }
};

World with_store() {
  World world;
  world.files.add_file("/usr/local/ssl/cert.pem", test::authority().root);
  world.files.add_file("/good.pem", test::authority().root);
  return world;
}

TEST(OpensslSources, CompiledFileThenDirectory) {
  const auto sources = with_store().sources();
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].kind, "compiled");
  EXPECT_EQ(sources[0].path, "/usr/local/ssl/cert.pem");
  EXPECT_TRUE(sources[0].holds_anchor.value());
  EXPECT_EQ(sources[1].status, "missing");
  EXPECT_EQ(sources[1].error, "ENOENT");
}

// What process 7 called in this library.
facts::TrustCall called(const std::string& name, std::vector<std::string> arguments, std::uint64_t store = 1) {
  return {1, 7, 7, "libcrypto", name, store, std::move(arguments), 1};
}

std::vector<facts::Source> after(std::vector<facts::TrustCall> calls) {
  const World world = with_store();
  facts::Stack stack = openssl();
  stack.pid = 7;
  stack.base = true;
  note_calls(stack, "libcrypto", calls, 1);
  const store::AnchorReader reader(world.files);
  const host::Viewpoint as{world.files};
  return sources_of(stack, {as, reader, &test::chain()[1]});
}

TEST(OpensslSources, WhatTheProgramLoadsItselfCounts) {
  const auto own = after({called("X509_STORE_load_file_ex", {"/good.pem"})});
  ASSERT_EQ(own.size(), 3U);
  EXPECT_EQ(own[0].kind, "explicit");
  EXPECT_TRUE(own[0].holds_anchor.value());
  EXPECT_EQ(own[1].status, "ignored");  // the default was never asked for
  const auto both = after({called("X509_STORE_load_file_ex", {"/good.pem"}), called("X509_STORE_set_default_paths_ex", {})});
  EXPECT_EQ(both[1].status, "ok");
  const auto another = after({called("X509_STORE_load_file_ex", {"/good.pem"}, 2)});  // another store than the one that verified
  EXPECT_EQ(another[0].kind, "compiled");
}

TEST(OpensslSources, AVariableReplacesOnlyItsOwnDefault) {
  World world = with_store();
  world.env["SSL_CERT_FILE"] = "/nowhere";
  const auto sources = world.sources();
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].kind, "env");
  EXPECT_EQ(sources[0].status, "missing");
  EXPECT_EQ(sources[1].kind, "compiled");
}

TEST(OpensslSources, EmptyCountsAsSet) {
  World world = with_store();
  world.env["SSL_CERT_FILE"] = "";
  const auto sources = world.sources();
  EXPECT_EQ(sources[0].kind, "env");
  EXPECT_EQ(sources[0].status, "missing");
}

TEST(OpensslSources, DirectoriesAreAList) {
  World world = with_store();
  world.env["SSL_CERT_DIR"] = "/a::/b";
  const auto sources = world.sources();
  ASSERT_EQ(sources.size(), 3U);
  EXPECT_EQ(sources[1].path, "/a");
  EXPECT_EQ(sources[2].path, "/b");
}

TEST(OpensslSources, AtSecureIgnoresTheVariableAndSaysSo) {
  World world = with_store();
  world.env["SSL_CERT_FILE"] = "/good.pem";
  world.at_secure = true;
  const auto sources = world.sources();
  ASSERT_EQ(sources.size(), 3U);
  EXPECT_EQ(sources[0].status, "ignored");
  EXPECT_TRUE(sources[0].holds_anchor.value());
  EXPECT_EQ(sources[1].kind, "compiled");
}

TEST(Recognise, TheMachinesLibcryptoAndNotItsLibc) {
  std::ifstream maps("/proc/self/maps");
  bool crypto = false, libc = false;
  for (std::string line; std::getline(maps, line);) {
    const bool is_crypto = line.find("libcrypto.so.3") != std::string::npos, is_libc = line.find("libc.so.6") != std::string::npos;
    if ((!is_crypto || crypto) && (!is_libc || libc)) continue;
    std::ifstream in(line.substr(line.find('/')), std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
    const auto found = recognise(elf::ElfFile::parse(bytes).value(), "x");
    EXPECT_EQ(found.size(), is_crypto ? 1U : 0U);
    if (is_crypto) {
      EXPECT_EQ(found.at(0).name, "OpenSSL");
      EXPECT_TRUE(found.at(0).version.starts_with("3."));
      EXPECT_EQ(found.at(0).linkage, "shared");
      EXPECT_EQ(found.at(0).build.read_by, "accessor");
    }
    (is_crypto ? crypto : libc) = true;
  }
  EXPECT_TRUE(crypto && libc);
}

// tlswhy itself carries the words it looks for; it is no OpenSSL.
TEST(Recognise, NotAToolThatLooksForOpenssl) {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(recognise(elf::ElfFile::parse(bytes).value(), "self").empty());
}

std::vector<std::string> models_in(const char* path) {
  auto image = elf::Image::read(base::UniqueFd(::open(path, O_RDONLY | O_CLOEXEC)));
  std::vector<std::string> out;
  if (image)
    for (const facts::Stack& stack : recognise(*image, path)) out.push_back(stack.model);
  return out;
}

TEST(Recognise, TheMachinesClients) {
  using Models = std::vector<std::string>;
  EXPECT_EQ(models_in("/usr/bin/curl"), Models{"curl"});
  EXPECT_EQ(models_in("/bin/true"), Models{});
  const Models wget = models_in("/usr/bin/wget");
  EXPECT_TRUE(wget == Models{"wget"} || ::access("/usr/bin/wget", R_OK) != 0);
}

// auditwheel and its like put a digest into the names of the libraries that they pack.
TEST(Recognise, PlainNameOfAPackedLibrary) {
  EXPECT_EQ(plain_soname("libpq-a17e3caa.so.5.17"), "libpq.so.5.17");
  EXPECT_EQ(plain_soname("libssl-81ffa89e.so.3"), "libssl.so.3");
  EXPECT_EQ(plain_soname("libcurl-gnutls.so.4"), "libcurl-gnutls.so.4");
  EXPECT_EQ(plain_soname("libp11-kit.so.0"), "libp11-kit.so.0");
  EXPECT_EQ(plain_soname("libx-deadbee.so"), "libx-deadbee.so");
  EXPECT_EQ(plain_soname(""), "");
}

}  // namespace
}  // namespace tlswhy::stacks
