#pragma once
// NSS' certificate database, cert9.db: SQLite with PKCS #11 attributes for
// columns (NSS lib/softoken/sdb.c, sftkdb.c).

#include <vector>

#include "bytes/cursor.h"
#include "x509/certificate.h"

namespace tlswhy::store {

struct NssDatabase {
  std::vector<x509::Certificate> anchors;  // trusted to issue for TLS servers ("C,,")
  std::vector<x509::Certificate> others;   // there without that trust
};

// Reads the database out of `data`, at most 64 MiB, with SQLite. kMalformed for
// what is no such database; entries that can't be parsed, and those behind
// 100,000, are left out.
base::Result<NssDatabase> read_nss_database(bytes::View data);

}  // namespace tlswhy::store
