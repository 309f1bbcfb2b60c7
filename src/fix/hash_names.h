#pragma once
// The names by which OpenSSL and its relatives look certificates up in a folder (crypto/x509/by_dir.c): HASH.n, n from 0 on without a gap.

#include <string>
#include <vector>

#include "base/result.h"
#include "host/files.h"

namespace tlswhy::fix {

struct HashName {
  std::string name, target;  // target "": the name goes
};

// Links for every certificate in every .pem, .crt, .cer and .crl file of the folder, by the hash of today and by that of before 1.0.0 (which
// BoringSSL and AWS-LC know, too); and the links of that form that are not among them, to be taken away. Files of such names stay and keep
// their number. Nothing for what is as it should be. The error of listing.
base::Result<std::vector<HashName>> missing_hash_names(const host::Files& files, const std::string& folder);

}  // namespace tlswhy::fix
