#pragma once
// Reads trust anchors out of files and directories below one root with one user's rights, by the rules of one stack.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "host/files.h"
#include "store/pem_dialects.h"

namespace tlswhy::store {

struct AnchorSet {
  std::string path;
  bool directory = false;
  int error = 0;          // errno of the look-up or of reading, 0 if none
  std::string failed_at;  // the component that it belongs to
  std::string damage;     // as in PemRead
  bool bad_text = false;  // as in PemRead
  std::vector<std::string> links;
  std::vector<x509::Certificate> anchors;
  std::vector<x509::Certificate> rejected;  // as in PemRead
};

// How a stack takes a hashed directory (crypto/x509/by_dir.c): by which names, and what ends the count n = 0, 1, ….
struct HashRules {
  bool skips_bad = false;          // a name that leads nowhere or a bad file does not end it (3.6, and what Debian took from it)
  bool bad_block_spoils = false;   // a file with a bad block counts as nothing (3.2 to 3.5)
  bool old_names = false;          // names by the hash of before 1.0.0 count too (BoringSSL, AWS-LC)
  bool any_name_and_form = false;  // the URI store looks too: gaps, capital letters and DER are fine (3.0 to 3.3)
};

class AnchorReader {
 public:
  // `known`: as in pem_bundle.h, may be null.
  AnchorReader(const host::Files& files, host::Credentials who, KnownCertificates* known) : files_(files), who_(std::move(who)), known_(known) {}

  [[nodiscard]] AnchorSet file(const std::string& path, Dialect dialect) const;
  [[nodiscard]] AnchorSet keystore(const std::string& path, const std::string& password) const;
  [[nodiscard]] AnchorSet nss_database(const std::string& path) const;
  // A file or directory of p11-kit's; `part`: "/anchors" and the like, below which all count as that.
  [[nodiscard]] AnchorSet p11_file(const std::string& path, bool anchor, std::vector<x509::Certificate>& distrusted) const;
  [[nodiscard]] AnchorSet p11_directory(const std::string& path, std::string_view part, std::vector<x509::Certificate>& distrusted) const;
  [[nodiscard]] AnchorSet hashed(const std::string& path, const HashRules& rules, Dialect dialect) const;
  // Every file in it; `hash_links`: symbolic links to names in the same directory too (Go leaves those out).
  [[nodiscard]] AnchorSet every_file(const std::string& path, Dialect dialect, bool hash_links) const;
  // The same for those files whose name ends with one of `endings`; a bad file is passed over.
  [[nodiscard]] AnchorSet files_named(const std::string& path, Dialect dialect, std::span<const std::string_view> endings) const;
  // One DER certificate, as the URI store takes it.
  [[nodiscard]] std::vector<x509::Certificate> der(const std::string& path) const;
  [[nodiscard]] bool is_directory(const std::string& path) const;
  [[nodiscard]] bool is_file(const std::string& path) const;
  [[nodiscard]] bool readable(const std::string& path) const;
  // Whether a line of the file begins a certificate.
  [[nodiscard]] bool has_begin_line(const std::string& path) const;
  // What a directory lists; nothing when it can't be read.
  [[nodiscard]] std::vector<std::string> names(const std::string& path) const;

 private:
  [[nodiscard]] AnchorSet read_as(const std::string& path,
                                  const std::function<base::Result<std::vector<x509::Certificate>>(bytes::View)>& parse) const;
  [[nodiscard]] AnchorSet take_files(const std::string& path, Dialect dialect,
                                     const std::function<bool(const std::string& entry, const std::string& name)>& wanted) const;
  [[nodiscard]] AnchorSet locate(const std::string& path, bool directory, host::Resolved& end) const;
  void take_by_uri(const std::string& path, AnchorSet& out) const;
  [[nodiscard]] bool take_hashed(const std::string& path, const std::string& hash, const HashRules& rules, Dialect dialect, AnchorSet& out) const;
  const host::Files& files_;
  host::Credentials who_;
  KnownCertificates* known_;
};

}  // namespace tlswhy::store
