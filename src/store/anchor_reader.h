#pragma once
// Reads trust anchors out of files and directories below one root with one
// user's rights, by the rules of one stack. The same place reached by two paths
// is read once, and so is the same certificate in two files: a bundle of 150
// costs OpenSSL 3 some 20 ms.

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "host/files.h"
#include "host/remembered_files.h"
#include "store/directory_listing.h"
#include "store/pem_dialects.h"

namespace tlswhy::store {

// The stable words of the JSON field `status`.
enum class Status { kOk, kMissing, kDangling, kDenied, kEmpty, kMalformed, kUnhashed, kUnreadable };
const char* status_name(Status status);

struct AnchorSet {
  std::string path;
  bool directory = false;
  Status status = Status::kMissing;
  int error = 0;            // errno of the look-up or of reading, 0 if none
  std::string failed_at;    // the component that it belongs to
  std::string damage = {};  // as in PemRead
  bool bad_text = false;    // as in PemRead
  std::vector<std::string> links;
  std::string resolved;                          // where it ends
  std::int64_t modified = 0;                     // of that, seconds since 1970
  std::string detail = {};                       // "pem+0x4f: bad base64", "3 hash names lead nowhere"
  std::size_t dangling = 0;                      // hash names that lead nowhere
  std::vector<x509::Certificate> anchors = {};   // usable ones
  std::vector<x509::Certificate> rejected = {};  // as in PemRead
  std::vector<x509::Certificate> unusable = {};  // there, but not reachable: no hash name, or in a file given up

  // The usable (`find`) or unusable (`find_unusable`) certificate that signed
  // `top` or equals it; null if none.
  [[nodiscard]] const x509::Certificate* find(const x509::Certificate& top) const;
  [[nodiscard]] const x509::Certificate* find_unusable(const x509::Certificate& top) const;
  // Sets the status by all the rest; for who took something out of it, too.
  void settle();
  // A certificate that one name reaches is not lost because another name does
  // not.
  void forget_reachable();
};

// How a stack takes a hashed directory (crypto/x509/by_dir.c): by which names,
// and what ends the count n = 0, 1, ….
struct HashRules {
  bool skips_bad = false;          // a name that leads nowhere or a bad file does not
                                   // end it (3.6, and what Debian took from it)
  bool bad_block_spoils = false;   // a file with a bad block counts as nothing (3.2 to 3.5)
  bool old_names = false;          // names by the hash of before 1.0.0 count too (BoringSSL, AWS-LC)
  bool any_name_and_form = false;  // the URI store looks too: gaps, capital
                                   // letters and DER are fine (3.0 to 3.3)
};

class AnchorReader {
 public:
  // `files` must outlive it. `known`: certificates parsed before, as in
  // pem_bundle.h; null: none.
  explicit AnchorReader(const host::Files& files, host::Credentials who = {}, KnownCertificates* known = nullptr)
      : plain_(files), files_(files), who_(std::move(who)), known_(known != nullptr ? known : &own_) {}
  AnchorReader(const AnchorReader&) = delete;
  AnchorReader& operator=(const AnchorReader&) = delete;

  [[nodiscard]] const host::Files& files() const { return files_; }
  [[nodiscard]] const host::Credentials& who() const { return who_; }

  // With OpenSSL 3's rules, whatever its patch level: a bundle, of which
  // nothing is used after one bad block; a hashed directory.
  [[nodiscard]] AnchorSet bundle(const std::string& path) const { return file(path, Dialect::kOpenSsl); }
  [[nodiscard]] AnchorSet directory(const std::string& path) const { return hashed(path, {}, Dialect::kOpenSsl); }
  // Begins to list and read the directory in a thread of its own, for the next
  // look at that path.
  void look_ahead(const std::string& path);

  [[nodiscard]] AnchorSet file(const std::string& path, Dialect dialect) const;
  [[nodiscard]] AnchorSet keystore(const std::string& path, const std::string& password) const;
  [[nodiscard]] AnchorSet nss_database(const std::string& path) const;
  // A file or directory of p11-kit's; `part`: "/anchors" and the like, below
  // which all count as that.
  [[nodiscard]] AnchorSet p11_file(const std::string& path, bool anchor, std::vector<x509::Certificate>& distrusted) const;
  [[nodiscard]] AnchorSet p11_directory(const std::string& path, std::string_view part, std::vector<x509::Certificate>& distrusted) const;
  [[nodiscard]] AnchorSet hashed(const std::string& path, const HashRules& rules, Dialect dialect) const;
  // Every file in it; `hash_links`: symbolic links to names in the same
  // directory too (Go leaves those out).
  [[nodiscard]] AnchorSet every_file(const std::string& path, Dialect dialect, bool hash_links) const;
  // The same for those files whose name ends with one of `endings`; a bad file
  // is passed over.
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
  struct HashedDirectory;
  using Parse = std::function<base::Result<std::vector<x509::Certificate>>(bytes::View)>;
  [[nodiscard]] AnchorSet locate(const std::string& path, bool directory, host::Resolved& end) const;
  // What was read at `key` before, as `found` where it was asked for now; or
  // what `read` makes of it.
  [[nodiscard]] AnchorSet remember(const std::string& key, AnchorSet found, const std::function<void(AnchorSet&)>& read) const;
  void read_file(AnchorSet& out, Dialect dialect) const;
  [[nodiscard]] AnchorSet read_as(const std::string& path, const Parse& parse) const;
  [[nodiscard]] AnchorSet take_files(const std::string& path, Dialect dialect,
                                     const std::function<bool(const std::string& entry, const std::string& name)>& wanted) const;
  [[nodiscard]] const DirectoryListing& listing(const std::string& path, const std::string& resolved) const;
  [[nodiscard]] base::Result<host::Bytes> contents(const DirectoryListing& listing, const std::string& path) const;
  [[nodiscard]] bool can_search(const AnchorSet& directory) const;
  void read_hashed(AnchorSet& out, const HashRules& rules, Dialect dialect) const;
  void take_by_uri(const std::string& path, AnchorSet& out) const;
  [[nodiscard]] bool take_hashed(HashedDirectory& from, const DirectoryListing::Entry& entry, AnchorSet& out) const;
  void note_unreached(const HashedDirectory& from, AnchorSet& out) const;

  const host::Files& plain_;
  host::RememberedFiles files_;
  host::Credentials who_;
  KnownCertificates* known_;
  mutable KnownCertificates own_;
  mutable std::map<std::string, AnchorSet> sets_;             // by how and where they were read
  mutable std::map<std::string, DirectoryListing> listings_;  // by final path
  std::string ahead_path_;
  mutable std::future<DirectoryListing> ahead_;  // last: it ends before what it reads
};

}  // namespace tlswhy::store
