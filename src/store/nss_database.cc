#include "store/nss_database.h"

#include <sqlite3.h>

#include <cstring>
#include <memory>

namespace tlswhy::store {

using base::Code;
using base::fail;

namespace {

constexpr std::size_t kMaxSize = 64U << 20;
constexpr int kMaxEntries = 100'000, kMaxSteps = 10'000'000, kMaxColumn = 1 << 20;

// pkcs11t.h and pkcs11n.h: CKA_CLASS a0, CKA_VALUE a11, CKA_ISSUER a81,
// CKA_SERIAL_NUMBER a82, CKA_TRUST_SERVER_AUTH ace536358; CKO_CERTIFICATE 1,
// CKO_NSS_TRUST ce534353; CKT_NSS_TRUSTED_DELEGATOR ce534352.
constexpr const char* kQuery =
    "SELECT c.a11, t.ace536358 = x'ce534352' FROM nssPublic c LEFT JOIN "
    "nssPublic t ON t.a0 = x'ce534353' AND t.a81 = c.a81 AND t.a82 = c.a82 "
    "WHERE c.a0 = x'00000001'";

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

base::Result<Database> open(bytes::View data) {
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr);
  Database out(handle);
  auto* copy = opened == SQLITE_OK ? static_cast<unsigned char*>(sqlite3_malloc64(data.size())) : nullptr;
  if (copy == nullptr) return fail(Code::kSystem, "no memory for the database");
  std::memcpy(copy, data.data(), data.size());
  const auto size = static_cast<sqlite3_int64>(data.size());
  if (sqlite3_deserialize(handle, "main", copy, size, size, SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return fail(Code::kMalformed, "not an SQLite database");
  // The file is a stranger's: no functions or triggers of its schema, and an
  // end to its loops (sqlite.org/security.html).
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMaxColumn);
  sqlite3_progress_handler(handle, kMaxSteps, [](void*) { return 1; }, nullptr);
  return out;
}

}  // namespace

base::Result<NssDatabase> read_nss_database(bytes::View data) {
  if (data.empty() || data.size() > kMaxSize) return fail(Code::kMalformed, "no database of a reasonable size");
  TRY(database, open(data));
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v2(database.get(), kQuery, -1, &handle, nullptr) != SQLITE_OK) return fail(Code::kMalformed, sqlite3_errmsg(database.get()));
  const Statement statement(handle);
  NssDatabase out;
  for (int row = 0; row < kMaxEntries; ++row) {
    const int step = sqlite3_step(handle);
    if (step == SQLITE_DONE) return out;
    if (step != SQLITE_ROW) return fail(Code::kMalformed, sqlite3_errmsg(database.get()));
    const auto* der = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle, 0));
    auto certificate = x509::Certificate::parse({der, static_cast<std::size_t>(sqlite3_column_bytes(handle, 0))});
    if (certificate) (sqlite3_column_int(handle, 1) != 0 ? out.anchors : out.others).push_back(std::move(*certificate));
  }
  return out;
}

}  // namespace tlswhy::store
