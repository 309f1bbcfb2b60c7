#pragma once
// One place that may hold trust anchors: a bundle file or a hashed directory, as a given user sees it.

#include <memory>
#include <string>
#include <vector>

#include "host/files.h"
#include "x509/certificate.h"

namespace tlswhy::store {

// The stable words of the JSON field `status`.
enum class Status { kOk, kMissing, kDangling, kDenied, kEmpty, kMalformed, kUnhashed, kUnreadable };
const char* status_name(Status status);

struct TrustStore {
  std::string path;
  bool directory = false;
  Status status = Status::kMissing;
  int error = 0;                            // errno of the look-up, 0 if none
  std::string failed_at;                    // the component the errno belongs to
  std::vector<std::string> links;           // "a -> b" hops on the way
  std::string resolved;                     // where it ends
  std::string detail;                       // "pem+0x4f: bad base64", "3 files without a hash name"
  std::vector<x509::Certificate> anchors;   // usable ones
  std::vector<x509::Certificate> unusable;  // there, but not reachable: no hash name, or in a bundle given up

  // The usable (`find`) or unusable (`find_unusable`) certificate that signed `top` or equals it; null if none.
  [[nodiscard]] const x509::Certificate* find(const x509::Certificate& top) const;
  [[nodiscard]] const x509::Certificate* find_unusable(const x509::Certificate& top) const;
};

// Reads a PEM bundle with OpenSSL's tolerance: one bad block and nothing of the file is used.
TrustStore read_bundle_file(const host::Files& files, const std::string& path, const host::Credentials& who = {});

// Reads a hashed directory (crypto/x509/by_dir.c): only HASH.0, HASH.1, … without a gap are looked up.
TrustStore read_hashed_directory(const host::Files& files, const std::string& path, const host::Credentials& who = {});

}  // namespace tlswhy::store
