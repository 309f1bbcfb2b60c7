#include "store/nss_database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/text.h"
#include "tests/pki.h"

namespace tlswhy::store {
namespace {

std::string blob(bytes::View data) { return "x'" + base::hex(data) + "'"; }

// A database with the columns that count, as NSS writes it.
std::vector<std::uint8_t> database(const std::string& trust) {
  sqlite3* handle = nullptr;
  EXPECT_EQ(sqlite3_open(":memory:", &handle), SQLITE_OK);
  const std::string text =
      "CREATE TABLE nssPublic (id PRIMARY KEY, a0, a11, a81, a82, ace536358);"
      "INSERT INTO nssPublic VALUES (1, x'00000001', " +
      blob(test::root().der()) +
      ", x'30', x'01', NULL);"
      "INSERT INTO nssPublic VALUES (2, x'ce534353', NULL, x'30', x'01', " +
      trust + ");";
  EXPECT_EQ(sqlite3_exec(handle, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_int64 size = 0;
  unsigned char* data = sqlite3_serialize(handle, "main", &size, 0);
  std::vector<std::uint8_t> out(data, data + size);
  sqlite3_free(data);
  sqlite3_close(handle);
  return out;
}

TEST(NssDatabase, OnlyWhatIsTrustedToIssueForServersIsAnAnchor) {
  EXPECT_EQ(read_nss_database(database("x'ce534352'"))->anchors.size(), 1U);
  for (const char* other : {"x'ce53435b'", "x'ce534351'", "x'ce53435a'", "NULL", "'text'"}) {
    const auto read = read_nss_database(database(other));
    ASSERT_TRUE(read) << other;
    EXPECT_TRUE(read->anchors.empty()) << other;
    EXPECT_EQ(read->others.size(), 1U) << other;
  }
}

TEST(NssDatabase, WhatIsNoneIsAnError) {
  auto whole = database("x'ce534352'");
  EXPECT_FALSE(read_nss_database({}));
  EXPECT_FALSE(read_nss_database(bytes::View(whole).first(700)));
  const std::string text(5000, 'x');
  EXPECT_FALSE(read_nss_database({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
}

}  // namespace
}  // namespace tlswhy::store
