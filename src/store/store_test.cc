#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "store/anchor_reader.h"
#include "store/pem_bundle.h"
#include "store/system_stores.h"
#include "tests/pki.h"

namespace tlswhy::store {
namespace {

PemBundle read(const std::string& text) { return read_pem_bundle({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}); }
const std::string& root() { return test::authority().root; }
const std::string& other() { return test::authority().other_root; }

TEST(PemBundle, TextAroundBlocksAndKeysAreFine) {
  const PemBundle bundle = read("subject: x\r\n" + root() + "\n\n" + test::authority().key + other());
  EXPECT_EQ(bundle.certificates.size(), 2U);
}

TEST(PemBundle, ABadBlockHasAPlaceAndTheOthersAreFound) {
  std::string broken = root();
  broken[60] = '*';
  const PemBundle bundle = read(other() + broken + root());
  EXPECT_EQ(bundle.certificates.size(), 2U);
  ASSERT_EQ(bundle.errors.size(), 1U);
  char place[32];
  std::snprintf(place, sizeof place, "pem+0x%zx", other().size());
  EXPECT_EQ(bundle.errors[0].place, place);
}

TEST(PemBundle, GluedWithoutANewline) {
  std::string first = root();
  first.pop_back();
  EXPECT_FALSE(read(first + other()).errors.empty());
}

TEST(PemBundle, EndsInsideABlock) {
  EXPECT_FALSE(read(root().substr(0, 200)).errors.empty());
  EXPECT_TRUE(read("").errors.empty());
}

TEST(BundleFile, States) {
  host::MemoryFiles files;
  files.add_file("/good.pem", root());
  files.add_file("/empty.pem", "");
  files.add_file("/bad.pem", root().substr(0, 200));
  files.add_file("/secret.pem", root(), 0600);
  files.add_link("/link.pem", "/nowhere/x.pem");
  const host::Credentials nobody{65534, 65534, {}, false};
  EXPECT_EQ(AnchorReader(files).bundle("/good.pem").status, Status::kOk);
  EXPECT_EQ(AnchorReader(files).bundle("/empty.pem").status, Status::kEmpty);
  EXPECT_EQ(AnchorReader(files).bundle("/bad.pem").status, Status::kMalformed);
  EXPECT_EQ(AnchorReader(files).bundle("/missing.pem").status, Status::kMissing);
  EXPECT_EQ(AnchorReader(files).bundle("/link.pem").status, Status::kDangling);
  EXPECT_EQ(AnchorReader(files, nobody).bundle("/secret.pem").status, Status::kDenied);
  EXPECT_EQ(AnchorReader(files, nobody).bundle("/secret.pem").error, EACCES);
}

// As OpenSSL: what is lost is known all the same, for "it is there, but not
// used".
TEST(BundleFile, ABadBlockSpoilsIt) {
  host::MemoryFiles files;
  files.add_file("/spoilt.pem", root() + other().substr(0, 200));
  files.add_file("/unended.pem", root().substr(0, root().find("-----END")) + other());
  AnchorReader reader(files);
  EXPECT_TRUE(reader.bundle("/spoilt.pem").anchors.empty());
  EXPECT_NE(reader.bundle("/spoilt.pem").find_unusable(test::chain()[1]), nullptr);
  EXPECT_EQ(reader.bundle("/spoilt.pem").detail.find("pem+0x"), 0U);
  // A block without its END runs to the next one's, and swallows that
  // (crypto/pem/pem_lib.c).
  EXPECT_EQ(reader.bundle("/unended.pem").status, Status::kOk);
  EXPECT_EQ(reader.bundle("/unended.pem").anchors.size(), 1U);
}

TEST(BundleFile, FindsTheAnchorByItsKeyNotItsName) {
  host::MemoryFiles files;
  files.add_file("/good.pem", root());
  files.add_file("/other.pem", other());
  files.add_file("/namesake.pem", lab::make_authority(*lab::find_peer(""), "x")->root);  // same subject, another key
  const x509::Certificate& top = test::chain()[1];
  EXPECT_NE(AnchorReader(files).bundle("/good.pem").find(top), nullptr);
  EXPECT_EQ(AnchorReader(files).bundle("/other.pem").find(top), nullptr);
  EXPECT_EQ(AnchorReader(files).bundle("/namesake.pem").find(top), nullptr);
}

TEST(HashedDirectory, OnlyHashNamesWithoutAGap) {
  const std::string hash = test::authority().root_hash;
  const x509::Certificate& top = test::chain()[1];
  for (const auto& [name, reachable] :
       {std::pair{hash + ".0", true}, {hash + ".1", false}, {std::string("root.pem"), false}, {"00000000.0", false}}) {
    host::MemoryFiles files;
    files.add_file("/certs/" + name, root());
    const AnchorSet store = AnchorReader(files).directory("/certs");
    EXPECT_EQ(store.find(top) != nullptr, reachable) << name;
    EXPECT_EQ(store.find_unusable(top) != nullptr, !reachable) << name;
    EXPECT_EQ(store.status, reachable ? Status::kOk : Status::kUnhashed) << name;
  }
}

TEST(HashedDirectory, NamesThatLeadNowhere) {
  host::MemoryFiles files;
  files.add_link("/certs/" + test::authority().root_hash + ".0", "/usr/share/ca-certificates/gone.crt");
  EXPECT_EQ(AnchorReader(files).directory("/certs").status, Status::kDangling);
}

TEST(HashedDirectory, LookedAtAheadOrNotIsTheSame) {
  host::MemoryFiles files;
  files.add_file("/elsewhere/" + test::authority().root_hash + ".0", root());
  files.add_file("/elsewhere/b.pem", other());
  files.add_link("/certs", "/elsewhere");
  AnchorReader reader(files);
  reader.look_ahead("/certs");
  for (const auto& store : {reader.directory("/certs"), AnchorReader(files).directory("/certs")})
    EXPECT_EQ(std::pair(store.anchors.size(), store.unusable.size()), std::pair(std::size_t{1}, std::size_t{1}));
  reader.look_ahead("/nowhere");
  EXPECT_EQ(reader.directory("/nowhere").status, Status::kMissing);
}

// Who lists a directory, and how often a file is read.
class Watched : public host::MemoryFiles {
 public:
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override {
    lister = std::this_thread::get_id();
    return MemoryFiles::list(path);
  }
  [[nodiscard]] base::Result<host::Bytes> read(const std::string& path, std::uint64_t limit) const override {
    return ++reads, MemoryFiles::read(path, limit);
  }
  mutable std::thread::id lister;
  mutable int reads = 0;
};

TEST(HashedDirectory, ReadAheadByAnotherThreadAndEachFileOnce) {
  Watched files;
  files.add_file("/certs/root.pem", root());
  files.add_link("/certs/" + test::authority().root_hash + ".0", "root.pem");
  AnchorReader reader(files);
  reader.look_ahead("/certs");
  EXPECT_EQ(reader.directory("/certs").anchors.size(), 1U);
  EXPECT_NE(files.lister, std::this_thread::get_id());
  EXPECT_EQ(files.reads, 1);
}

TEST(HashedDirectory, LargeOnesAreNotKeptButRead) {
  host::MemoryFiles files;
  for (int i = 0; i < 20; ++i) files.add_file(fmt::format("/certs/{:08x}.0", i), std::string(1U << 20, '\n'));
  files.add_file("/certs/" + test::authority().root_hash + ".0", root());
  EXPECT_EQ(list_directory(files, "/certs", {}).contents.size(), 16U);
  AnchorReader reader(files);
  reader.look_ahead("/certs");
  EXPECT_NE(reader.directory("/certs").find(test::chain()[1]), nullptr);
}

// crypto/x509/root_unix.go, isSameDirSymlink: without them a certificate that
// has a hash name is read once.
TEST(EveryFile, WithAndWithoutLinksInsideTheDirectory) {
  host::MemoryFiles files;
  files.add_file("/certs/a.pem", root());
  files.add_link("/certs/0a0a0a0a.0", "a.pem");
  files.add_file("/elsewhere/b.pem", other());
  files.add_link("/certs/b.pem", "../elsewhere/b.pem");
  const AnchorReader reader(files);
  EXPECT_EQ(reader.every_file("/certs", Dialect::kGo, false).anchors.size(), 2U);
  EXPECT_EQ(reader.every_file("/certs", Dialect::kGo, true).anchors.size(), 3U);
}

TEST(AnchorReader, TheSameFileByTwoPaths) {
  host::MemoryFiles files;
  files.add_file("/a.pem", root());
  files.add_link("/b.pem", "/a.pem");
  AnchorReader reader(files);
  EXPECT_TRUE(reader.bundle("/a.pem").links.empty());
  EXPECT_EQ(reader.bundle("/b.pem").links, std::vector<std::string>{"/b.pem -> /a.pem"});
  EXPECT_EQ(reader.bundle("/b.pem").anchors.size(), 1U);
}

TEST(SystemStores, EveryKnownPlaceOnceWithItsState) {
  host::MemoryFiles files;
  files.add_file("/etc/ssl/certs/ca-certificates.crt", root());
  files.add_link("/usr/lib/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt");
  AnchorReader reader(files);
  const auto stores = read_system_stores(reader);
  EXPECT_EQ(stores.size(), known_system_stores().size());
  for (const AnchorSet& store : stores)
    EXPECT_EQ(store.status == Status::kOk, store.path == "/etc/ssl/certs/ca-certificates.crt" || store.path == "/usr/lib/ssl/cert.pem") << store.path;
}

}  // namespace
}  // namespace tlswhy::store
