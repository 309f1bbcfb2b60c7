#pragma once
// OpenSSL's own verification, asked for all that it finds wrong instead of the first of it: with a store, or of one path whose issuers are
// known. Stacks differ in what of it they ask for; that is for the caller to say.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "x509/certificate.h"

namespace tlswhy::x509 {

// What is asked of a path beyond its issuers.
struct Terms {
  std::string host;                // DNS name or IP address that the leaf has to be for; "": not asked
  bool common_name_counts = true;  // for a leaf without DNS names
  bool part_of_label = true;       // "ba*.example.com" counts
  bool strict = false;             // X509_V_FLAG_X509_STRICT
  int level = 0;                   // SSL_CTX_set_security_level's, for keys and digests
  std::int64_t time = 0;           // seconds since 1970; 0: now
};

// X509_V_ERR_* (openssl/x509_vfy.h) that callers tell apart.
inline constexpr int kNotYetValid = 9, kExpired = 10, kPathTooLong = 25, kInvalidPurpose = 26, kPermittedViolation = 47, kExcludedViolation = 48,
                     kHostMismatch = 62, kAddressMismatch = 64, kLeafKeyTooWeak = 66, kDigestTooWeak = 68, kInvalidAuthority = 79, kMayNotSign = 32,
                     kUnknownCritical = 34;

// One failed check.
struct PathFault {
  int code = 0;   // X509_V_ERR_*
  int depth = 0;  // of the certificate, 0 for the leaf
};

struct Store {
  std::span<const Certificate> anchors;
  std::span<const Certificate> rejected;  // marked as not for TLS servers
  bool partial_chain = false;             // X509_V_FLAG_PARTIAL_CHAIN
  bool trusted_first = true;              // X509_V_FLAG_TRUSTED_FIRST
};

struct ChainCheck {
  std::vector<PathFault> faults;  // in the order in which they are found; none for a good chain
  std::vector<Certificate> path;  // that was built, leaf first
};

// `chain`: as the peer sends it, leaf first. Every check that fails (crypto/x509/x509_vfy.c).
ChainCheck verify_chain(std::span<const Certificate> chain, const Store& store, const Terms& terms);

// The same of one path, leaf first; the last one is taken for an anchor whatever it is.
std::vector<PathFault> check_path(std::span<const Certificate> path, const Terms& terms);

// Of what a path consists: the smallest RSA key in it (0: none), and the digests that sign all but the last one.
struct PathStrength {
  int smallest_rsa = 0;
  bool md5 = false, sha1 = false;
};
PathStrength strength_of(std::span<const Certificate> path);

// Of the certificate's own extensions (RFC 5280 §4.2.1.10).
bool has_critical_name_constraints(const Certificate& certificate);

// Whether `text` is an IP address, and no DNS name.
bool is_address(const std::string& text);

}  // namespace tlswhy::x509
