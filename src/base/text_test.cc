#include "base/text.h"

#include <gtest/gtest.h>

#include "base/result.h"

namespace tlswhy::base {
namespace {

TEST(Printable, EscapesWhatSteersATerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\r\n"), "a\\x1b[31mb\\x0d\\x0a");
  EXPECT_EQ(printable("Zürich ✓"), "Zürich ✓");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");           // C1 control sequence introducer
  EXPECT_EQ(printable("\xff\xc0\x80"), "\\xff\\xc0\\x80");  // not UTF-8
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
}

TEST(Printable, CutsAtTheLimit) { EXPECT_EQ(printable("abcdef", 3), "abc…"); }

TEST(HashName, OnlyWhatOpensslAsksFor) {
  EXPECT_TRUE(is_hash_name("5ad8a5d6.0"));
  EXPECT_TRUE(is_hash_name("5ad8a5d6.12"));
  EXPECT_FALSE(is_hash_name("5AD8A5D6.0"));
  EXPECT_FALSE(is_hash_name("5ad8a5d6.r0"));
  EXPECT_FALSE(is_hash_name("5ad8a5d6."));
}

TEST(Paths, BaseAndDirectory) {
  EXPECT_EQ(base_name("/a/b.c"), "b.c");
  EXPECT_EQ(dir_name("/a/b.c"), "/a");
  EXPECT_EQ(dir_name("/a"), "/");
}

TEST(ShellQuote, OnlyWhereNeeded) {
  EXPECT_EQ(shell_quote("/a-b_c.d"), "/a-b_c.d");
  EXPECT_EQ(shell_quote("it's $x"), "'it'\\''s $x'");
  EXPECT_EQ(shell_quote(""), "''");
}

TEST(Errors, FollowTheErrno) {
  EXPECT_EQ(fail_errno(ENOENT, "x").error().code, Code::kNotFound);
  EXPECT_EQ(fail_errno(EACCES, "x").error().code, Code::kDenied);
  EXPECT_EQ(fail_errno(EACCES, "can't open", "/p").error().text(), "/p: can't open (EACCES)");
}

}  // namespace
}  // namespace tlswhy::base
