#include <fcntl.h>
#include <gtest/gtest.h>

#include "archive/content.h"
#include "archive/interest.h"
#include "archive/joined_files.h"
#include "archive/layer.h"
#include "archive/manifest.h"
#include "archive/name.h"
#include "archive/pyinstaller.h"

namespace tlswhy::archive {
namespace {

Node file(std::string_view content) {
  Node out;
  out.stat.kind = host::Kind::kFile;
  out.stat.mode = 0644;
  out.content = std::make_shared<const host::Bytes>(content.begin(), content.end());
  return out;
}

Node link_to(std::string target) {
  Node out;
  out.stat.kind = host::Kind::kLink;
  out.stat.target = std::move(target);
  return out;
}

Node directory() {
  Node out;
  out.stat.kind = host::Kind::kDirectory;
  out.stat.mode = 0700;
  return out;
}

std::string text(const host::Files& files, const std::string& path) {
  const auto bytes = host::read_following(files, path, 1U << 20);
  return bytes ? std::string(bytes->begin(), bytes->end()) : bytes.error().message;
}

TEST(ArchiveNames, WhatLeadsOutIsRefused) {
  EXPECT_EQ(tree_path("./usr//lib/x"), "/usr/lib/x");
  EXPECT_EQ(tree_path("."), "/");
  for (const std::string_view bad : {"", "/etc/passwd", "..", "a/../../b", "a/.."}) EXPECT_FALSE(tree_path(bad)) << bad;
  EXPECT_FALSE(tree_path(std::string(300, 'x')));
  EXPECT_FALSE(tree_path(std::string("a\0b", 3)));
}

TEST(ArchiveTree, LinksAreFollowedWithinIt) {
  Tree tree;
  ASSERT_TRUE(tree.put("/lib", link_to("usr/lib")));
  ASSERT_TRUE(tree.put("/lib/a.so", file("a")));
  EXPECT_EQ(text(tree, "/usr/lib/a.so"), "a");
  ASSERT_TRUE(tree.put("/one", link_to("two")));
  ASSERT_TRUE(tree.put("/two", link_to("one")));
  EXPECT_FALSE(tree.put("/one/x", file("x"))) << "in circles";
  EXPECT_FALSE(tree.put("/usr/lib/a.so/x", file("x"))) << "below a file";
  ASSERT_TRUE(tree.put("/out", link_to("../../../etc")));
  ASSERT_TRUE(tree.put("/etc/x", file("inside")));
  EXPECT_EQ(text(tree, "/out/x"), "inside");
  EXPECT_TRUE(tree.link("/copy", "/lib/a.so"));
  EXPECT_EQ(tree.lstat("/copy")->inode, tree.lstat("/usr/lib/a.so")->inode);
  tree.remove("/usr/lib");
  EXPECT_EQ(host::resolve(tree, "/lib/a.so").error, ENOENT);
  EXPECT_EQ(text(tree, "/copy"), "a");
}

TEST(ArchiveTree, WhatWasNotKeptIsThereAllTheSame) {
  Tree tree;
  Node node = file("");
  node.content = nullptr;
  tree.put("/big", node);
  EXPECT_EQ(host::resolve(tree, "/big").error, 0);
  EXPECT_EQ(text(tree, "/big"), "its contents were not kept");
}

TEST(ArchiveLayer, WhiteoutsAndDirectoriesOverLinks) {
  Tree root;
  Layer lower, upper;
  lower.tree.put("/usr/lib", directory());
  lower.tree.put("/lib", link_to("usr/lib"));
  lower.tree.put("/etc/ssl/a.pem", file("a"));
  lower.tree.put("/etc/ssl/b.pem", file("b"));
  lower.tree.put("/opt/x", file("x"));
  lower.apply_to(root);
  upper.tree.put("/lib/new.so", file("new"));  // its directory is implied: the link stays
  upper.tree.put("/etc/ssl/b.pem", file("other"));
  upper.gone.insert("/etc/ssl/a.pem");
  upper.opaque.insert("/opt");
  upper.tree.put("/opt/y", file("y"));
  upper.apply_to(root);
  EXPECT_EQ(text(root, "/usr/lib/new.so"), "new");
  EXPECT_FALSE(root.has("/etc/ssl/a.pem"));
  EXPECT_EQ(text(root, "/etc/ssl/b.pem"), "other");
  EXPECT_FALSE(root.has("/opt/x"));
  EXPECT_TRUE(root.has("/opt/y"));
}

TEST(ArchiveBudget, SaysWhatItCutOnce) {
  Budget budget({.entries = 2, .kept = 10, .file = 8, .least = 100, .ratio = 2, .unpacked = 1000, .depth = 1}, 60);
  EXPECT_TRUE(budget.keep(8, "/a"));
  EXPECT_FALSE(budget.keep(9, "/b"));
  EXPECT_FALSE(budget.keep(3, "/c"));
  EXPECT_FALSE(budget.descend(2, "/d"));
  EXPECT_TRUE(budget.unpack(120));
  EXPECT_FALSE(budget.unpack(1));
  EXPECT_FALSE(budget.unpack(1));
  EXPECT_TRUE(budget.entry() && budget.entry());
  EXPECT_FALSE(budget.entry());
  EXPECT_EQ(budget.notes().size(), 5);
}

TEST(ArchiveInterest, LayersByTheirNames) {
  const std::string hex(64, 'a');
  EXPECT_TRUE(names_layer("/blobs/sha256/" + hex));
  EXPECT_TRUE(names_layer("/" + hex + "/layer.tar"));
  EXPECT_TRUE(names_layer("/" + hex + ".tar"));
  EXPECT_FALSE(names_layer("/blobs/sha256/" + hex + "0"));
  EXPECT_FALSE(names_layer("/layer.tar"));
}

TEST(ArchiveManifest, HostileTextGivesNothing) {
  for (const std::string_view bad : {"", "{", "[]", "{}", "7", "[7]", R"({"manifests":7})", R"({"manifests":[{"digest":"sha256:../../x"}]})"}) {
    EXPECT_TRUE(read_index(bad).empty()) << bad;
    EXPECT_TRUE(read_oci_manifest(bad).layers.empty()) << bad;
    EXPECT_TRUE(read_image_config(bad).environment.empty()) << bad;
  }
  const auto both = read_index(R"({"manifests":[{"digest":"sha256:aa","platform":{"os":"linux","architecture":"arm64"}},
                                                {"digest":"sha256:bb","platform":{"os":"unknown","architecture":"unknown"}}]})");
  ASSERT_EQ(both.size(), 1);
  EXPECT_EQ(both[0].path, "/blobs/sha256/aa");
  EXPECT_EQ(both[0].name, "linux/arm64");
}

TEST(PyInstaller, TheTableInTheFile) {
  const base::UniqueFd fd(::open((std::string(TLSWHY_CORPUS) + "/pyinstaller/seed-section").c_str(), O_RDONLY | O_CLOEXEC));
  const auto content = read_pyinstaller(fd.get());
  ASSERT_TRUE(content && *content);
  const Tree& tree = *(*content)->parts.front().tree;
  EXPECT_EQ(text(tree, "/libssl.so.3").substr(0, 4),
            "\x7f"
            "ELF");
  EXPECT_EQ(text(tree, "/certifi/cacert.pem"), "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(tree.nodes().size(), 4);
  ASSERT_EQ((*content)->notes.size(), 1);
  EXPECT_TRUE((*content)->notes[0].contains("../out.so"));
}

TEST(JoinedFiles, WhatIsAboveComesFirst) {
  Tree package;
  package.put("/usr/lib/a.so", file("package"));
  host::MemoryFiles root;
  root.add_file("/usr/lib/a.so", "root");
  root.add_file("/usr/lib/b.so", "root");
  const JoinedFiles over(root, package, "");
  EXPECT_EQ(text(over, "/usr/lib/a.so"), "package");
  EXPECT_EQ(text(over, "/usr/lib/b.so"), "root");
  EXPECT_EQ(over.list("/usr/lib")->size(), 2);
  const JoinedFiles beside(root, package, "/p.whl!");
  EXPECT_EQ(text(beside, "/usr/lib/a.so"), "root");
  EXPECT_EQ(text(beside, "/p.whl!/usr/lib/a.so"), "package");
  EXPECT_EQ(text(beside, "/p.whl!/../usr/lib/b.so"), "root");
}

}  // namespace
}  // namespace tlswhy::archive
