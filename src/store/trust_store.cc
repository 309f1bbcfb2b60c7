#include "store/trust_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "store/pem_bundle.h"
#include "store/pem_dialects.h"

namespace tlswhy::store {
namespace {

constexpr std::uint64_t kMaxBundle = 64U << 20;

Status status_of(const host::Resolved& end) {
  if (end.error == 0) return Status::kOk;
  if (end.error == EACCES || end.error == EPERM) return Status::kDenied;
  if (end.error == ELOOP) return Status::kDangling;
  if (end.error == ENOENT || end.error == ENOTDIR) return end.links.empty() ? Status::kMissing : Status::kDangling;
  return Status::kUnreadable;
}

bool anchors_chain(const x509::Certificate& candidate, const x509::Certificate& top) {
  return candidate.der() == top.der() || top.signed_by(candidate);
}

const x509::Certificate* find_in(const std::vector<x509::Certificate>& all, const x509::Certificate& top) {
  const auto hit = std::ranges::find_if(all, [&](const auto& one) { return anchors_chain(one, top); });
  return hit == all.end() ? nullptr : &*hit;
}

// A certificate that one name reaches is not lost because another name does not.
void forget_reachable(TrustStore& out) {
  std::set<std::vector<std::uint8_t>> reachable;
  for (const x509::Certificate& one : out.anchors) reachable.insert(one.der());
  std::erase_if(out.unusable, [&](const x509::Certificate& one) { return reachable.contains(one.der()); });
}

}  // namespace

const char* status_name(Status status) {
  switch (status) {
    case Status::kOk: return "ok";
    case Status::kMissing: return "missing";
    case Status::kDangling: return "dangling_link";
    case Status::kDenied: return "denied";
    case Status::kEmpty: return "empty";
    case Status::kMalformed: return "malformed";
    case Status::kUnhashed: return "unhashed";
    case Status::kUnreadable: return "unreadable";
  }
  return "unreadable";
}

const x509::Certificate* TrustStore::find(const x509::Certificate& top) const { return find_in(anchors, top); }
const x509::Certificate* TrustStore::find_unusable(const x509::Certificate& top) const { return find_in(unusable, top); }

TrustStore StoreReader::locate(const std::string& path, bool directory, const host::Resolved& end) const {
  TrustStore out;
  out.path = path;
  out.directory = directory;
  out.status = status_of(end);
  out.error = end.error;
  out.failed_at = end.failed_at;
  out.links = end.links;
  out.resolved = end.path;
  out.modified = end.stat.modified;
  return out;
}

const TrustStore& StoreReader::remember(const std::string& path, bool directory, TrustStore (StoreReader::*read)(TrustStore)) {
  const std::string kind = directory ? "d" : "f";
  if (const auto known = stores_.find(kind + path); known != stores_.end()) return known->second;
  const host::Resolved end = host::resolve(files_, path, who_);
  TrustStore store = locate(path, directory, end);
  if (store.status == Status::kOk) {
    const auto [twin, fresh] = resolved_.try_emplace(kind + end.path, kind + path);
    if (fresh) {
      store = (this->*read)(std::move(store));
    } else {  // the same place by another path
      store = stores_.at(twin->second);
      store.path = path;
      store.links = end.links;
    }
  }
  return stores_.emplace(kind + path, std::move(store)).first->second;
}

const TrustStore& StoreReader::bundle(const std::string& path) { return remember(path, false, &StoreReader::read_bundle); }
const TrustStore& StoreReader::directory(const std::string& path) { return remember(path, true, &StoreReader::read_directory); }

TrustStore StoreReader::read_bundle(TrustStore out) {
  const auto bytes = files_.read(out.resolved, kMaxBundle);
  if (!bytes) {
    out.status = bytes.error().code == base::Code::kDenied ? Status::kDenied : Status::kUnreadable;
    out.error = bytes.error().sys_errno;
    out.detail = bytes.error().message;
    return out;
  }
  PemRead read = read_pem_as(Dialect::kOpenSsl, {reinterpret_cast<const char*>(bytes->data()), bytes->size()}, &known_);
  out.anchors = std::move(read.certificates);
  if (!read.damage.empty()) {
    PemBundle whole = read_pem_bundle(*bytes, &known_);
    out.detail = whole.errors.empty() ? read.damage : whole.errors.front().text();
    out.unusable = std::move(whole.certificates);
  }
  if (out.anchors.empty()) out.status = read.damage.empty() ? Status::kEmpty : Status::kMalformed;
  return out;
}

void StoreReader::look_ahead(const std::string& path) {
  ahead_path_ = path;
  ahead_ = std::async(std::launch::async | std::launch::deferred, [&plain = plain_, path, who = who_] {
    const host::RememberedFiles files(plain);
    const host::Resolved end = host::resolve(files, path, who);
    return end.error == 0 ? list_directory(files, end.path, who) : DirectoryListing{};
  });
}

StoreReader::Contents StoreReader::contents(bytes::View file) {
  Contents out;
  for (x509::Certificate& certificate : read_pem_bundle(file, &known_).certificates) {
    std::string hash = certificate.subject_hash();
    out.emplace_back(std::move(certificate), std::move(hash));
  }
  return out;
}

StoreReader::Contents StoreReader::contents(const std::string& path, const DirectoryListing& listing) {
  if (const auto there = listing.contents.find(path); there != listing.contents.end()) return contents(there->second);
  const auto bytes = files_.read(path, kMaxHashedFile);
  return bytes ? contents(*bytes) : Contents{};
}

TrustStore StoreReader::read_directory(TrustStore out) {
  const bool begun = ahead_.valid() && out.path == ahead_path_;
  const DirectoryListing listing = begun ? ahead_.get() : list_directory(files_, out.resolved, who_);
  if (listing.error) {
    out.status = listing.error->sys_errno == EACCES ? Status::kDenied : Status::kUnreadable;
    out.error = listing.error->sys_errno;
    return out;
  }
  std::size_t dangling = 0;
  std::map<std::string, Contents> files;  // by final path: most certificates are there by a name of their own and by their hash
  for (const auto& [name, hashed, asked_for, end] : listing.entries) {
    if (hashed && end.error != 0 && !end.links.empty()) ++dangling, out.failed_at = end.failed_at;
    if (end.error != 0) continue;
    const auto [file, fresh] = files.try_emplace(end.path);
    if (fresh) file->second = contents(end.path, listing);
    for (const auto& [certificate, hash] : file->second)  // usable under a name that OpenSSL asks for and that fits it
      (asked_for && name.starts_with(hash) ? out.anchors : out.unusable).push_back(certificate);
  }
  forget_reachable(out);
  if (dangling > 0) out.detail = fmt::format("{} hash names lead nowhere", dangling);
  if (!out.anchors.empty()) return out.failed_at.clear(), out;
  if (dangling > 0) return out.status = Status::kDangling, out;
  out.status = out.unusable.empty() ? Status::kEmpty : Status::kUnhashed;
  if (!out.unusable.empty()) out.detail = fmt::format("{} certificates, none under a hash name", out.unusable.size());
  return out;
}

}  // namespace tlswhy::store
