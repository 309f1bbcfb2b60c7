#pragma once
// One place that may hold trust anchors: a bundle file or a hashed directory, as a given user sees it.

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/files.h"
#include "host/remembered_files.h"
#include "store/directory_listing.h"
#include "store/pem_bundle.h"
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
  std::int64_t modified = 0;                // of that, seconds since 1970
  std::string detail;                       // "pem+0x4f: bad base64", "3 files without a hash name"
  std::vector<x509::Certificate> anchors;   // usable ones
  std::vector<x509::Certificate> unusable;  // there, but not reachable: no hash name, or in a bundle given up

  // The usable (`find`) or unusable (`find_unusable`) certificate that signed `top` or equals it; null if none.
  [[nodiscard]] const x509::Certificate* find(const x509::Certificate& top) const;
  [[nodiscard]] const x509::Certificate* find_unusable(const x509::Certificate& top) const;
};

// Reads stores below one root with one user's rights. The same file reached by two paths, and the same certificate in
// two files, is parsed once: a bundle of 150 costs OpenSSL 3 some 20 ms.
class StoreReader {
 public:
  // `files` must outlive it.
  explicit StoreReader(const host::Files& files, host::Credentials who = {}) : plain_(files), files_(files), who_(std::move(who)) {}

  [[nodiscard]] const host::Files& files() const { return files_; }
  [[nodiscard]] KnownCertificates& known() { return known_; }
  [[nodiscard]] const host::Credentials& who() const { return who_; }

  // A PEM bundle with OpenSSL's tolerance: one bad block and nothing of the file is used.
  const TrustStore& bundle(const std::string& path);
  // A hashed directory (crypto/x509/by_dir.c): only HASH.0, HASH.1, … without a gap are looked up.
  const TrustStore& directory(const std::string& path);
  // Begins to list and read the directory in a thread of its own, for the next directory() of that path.
  void look_ahead(const std::string& path);

 private:
  TrustStore locate(const std::string& path, bool directory, const host::Resolved& end) const;
  const TrustStore& remember(const std::string& path, bool directory, TrustStore (StoreReader::*read)(TrustStore));
  TrustStore read_bundle(TrustStore out);
  TrustStore read_directory(TrustStore out);
  // The certificates of one file of a directory, and their hashes.
  using Contents = std::vector<std::pair<x509::Certificate, std::string>>;
  Contents contents(bytes::View file);
  Contents contents(const std::string& path, const DirectoryListing& listing);

  const host::Files& plain_;
  host::RememberedFiles files_;
  host::Credentials who_;
  std::map<std::string, TrustStore> stores_;     // by kind and path
  std::map<std::string, std::string> resolved_;  // kind and final path → key of the store read there
  KnownCertificates known_;
  std::string ahead_path_;
  std::future<DirectoryListing> ahead_;
};

}  // namespace tlswhy::store
