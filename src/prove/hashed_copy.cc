#include "prove/hashed_copy.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "store/trust_store.h"

namespace tlswhy::prove {

using base::Result;

namespace {

constexpr std::size_t kMaxCopied = 10'000;

// OpenSSL reads "TRUSTED CERTIFICATE", "CERTIFICATE" and nothing else here (by_dir.c): PEM.
bool write_pem(const std::string& path, const x509::Certificate& certificate) {
  std::ofstream out(path);
  const std::string body = x509::encode_base64(certificate.der());
  out << "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < body.size(); at += 64) out << body.substr(at, 64) << '\n';
  out << "-----END CERTIFICATE-----\n";
  return out.good();
}

}  // namespace

HashedCopy::~HashedCopy() {
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

Result<HashedCopy> HashedCopy::make(const host::Files& files, const std::string& path) {
  const host::Resolved end = host::resolve(files, path, {}, false);
  if (end.error != 0) return base::fail_errno(end.error, "can't copy the store", path);
  store::StoreReader reader(files);
  const store::TrustStore& from = end.stat.kind == host::Kind::kDirectory ? reader.directory(path) : reader.bundle(path);
  std::string name = (std::filesystem::temp_directory_path() / "tlswhy-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return base::fail_errno(errno, "can't make a directory", name);
  HashedCopy copy(name);
  if (::chmod(name.c_str(), 0755) != 0) return base::fail_errno(errno, "can't open the directory to others", name);
  std::map<std::string, int> next;
  std::size_t copied = 0;
  for (const auto* list : {&from.anchors, &from.unusable})
    for (const x509::Certificate& one : *list) {
      if (++copied > kMaxCopied) break;
      const std::string hash = one.subject_hash();
      if (!write_pem(fmt::format("{}/{}.{}", name, hash, next[hash]++), one)) return base::fail_errno(EIO, "can't write", name);
    }
  if (copied == 0) return base::fail(base::Code::kNotFound, "no certificate to copy", path);
  return copy;
}

}  // namespace tlswhy::prove
