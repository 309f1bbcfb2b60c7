#pragma once
// What OpenSSL's verification says of one path whose issuers are known: dates, purposes, key usage, lengths, names, weak keys.
// Stacks differ in what of it they ask for; that is for the caller to say.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "x509/certificate.h"

namespace tlswhy::x509 {

struct PathRequest {
  std::span<const Certificate> path;  // leaf first, the last one is taken for an anchor whatever it is
  std::string host;                   // that the leaf has to be for; "": not asked
  bool common_name_counts = true;     // for a leaf without DNS names
  bool strict = false;                // X509_V_FLAG_X509_STRICT
  int level = 0;                      // SSL_CTX_set_security_level's, for keys and digests
  std::int64_t time = 0;              // seconds since 1970; 0: now
};

// X509_V_ERR_* (openssl/x509_vfy.h) that callers tell apart.
inline constexpr int kPathTooLong = 25, kInvalidPurpose = 26, kPermittedViolation = 47, kExcludedViolation = 48, kLeafKeyTooWeak = 66,
                     kDigestTooWeak = 68, kInvalidAuthority = 79, kMayNotSign = 32, kUnknownCritical = 34;

// One failed check.
struct PathFault {
  int code = 0;   // X509_V_ERR_*
  int depth = 0;  // of the certificate, 0 for the leaf
};

// Every check that fails, in OpenSSL's order (crypto/x509/x509_vfy.c, verify_chain); none for a good path.
std::vector<PathFault> check_path(const PathRequest& request);

// Of what a path consists: the smallest RSA key in it (0: none), and the digests that sign all but the last one.
struct PathStrength {
  int smallest_rsa = 0;
  bool md5 = false, sha1 = false;
};
PathStrength strength_of(std::span<const Certificate> path);

// Of the certificate's own extensions (RFC 5280 §4.2.1.10 and §4.2.1.3).
bool has_critical_name_constraints(const Certificate& certificate);
bool says_key_usage(const Certificate& certificate);

}  // namespace tlswhy::x509
