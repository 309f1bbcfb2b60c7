#include "store/anchor_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"
#include "store/keystore.h"
#include "store/nss_database.h"
#include "store/p11_kit.h"
#include "store/pem_repair.h"

namespace tlswhy::store {
namespace {

constexpr std::uint64_t kMaxFile = 64U << 20;
constexpr std::size_t kMaxEntries = 10'000;

std::string_view text_of(const host::Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

const x509::Certificate* find_in(const std::vector<x509::Certificate>& all, const x509::Certificate& top) {
  const auto hit = std::ranges::find_if(all, [&](const auto& one) { return one.der() == top.der() || top.signed_by(one); });
  return hit == all.end() ? nullptr : &*hit;
}

// A certificate in DER, where the stack looks for blocks of PEM.
void note_der(AnchorSet& out, const host::Bytes& bytes) {
  auto one = x509::Certificate::parse(bytes);
  if (!one) return;
  out.detail = "it is DER, not PEM";
  out.unusable.push_back(std::move(*one));
}

// What is no regular file has no errno of its own.
int errno_of(const base::Error& error) {
  return error.sys_errno != 0 ? error.sys_errno : error.code == base::Code::kDenied ? EACCES : error.code == base::Code::kLimit ? EFBIG : EISDIR;
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

const x509::Certificate* AnchorSet::find(const x509::Certificate& top) const { return find_in(anchors, top); }
const x509::Certificate* AnchorSet::find_unusable(const x509::Certificate& top) const { return find_in(unusable, top); }

void AnchorSet::settle() {
  if (error == EACCES || error == EPERM)
    status = Status::kDenied;
  else if (error == ELOOP || ((error == ENOENT || error == ENOTDIR) && !links.empty()))
    status = Status::kDangling;
  else if (error != 0)
    status = error == ENOENT || error == ENOTDIR ? Status::kMissing : Status::kUnreadable;
  else if (!anchors.empty())
    status = Status::kOk;
  else if (!damage.empty())
    status = Status::kMalformed;
  else if (dangling > 0)
    status = Status::kDangling;
  else
    status = directory && !unusable.empty() ? Status::kUnhashed : Status::kEmpty;
}

AnchorSet AnchorReader::locate(const std::string& path, bool directory, host::Resolved& end) const {
  end = host::resolve(files_, path, who_, !directory);
  AnchorSet out;
  out.path = path;
  out.directory = directory;
  out.error = end.error;
  out.failed_at = end.failed_at;
  out.links = end.links;
  out.resolved = end.path;
  out.modified = end.stat.modified;
  out.settle();
  return out;
}

AnchorSet AnchorReader::remember(const std::string& key, AnchorSet found, const std::function<void(AnchorSet&)>& read) const {
  if (const auto before = sets_.find(key); before != sets_.end()) {
    AnchorSet out = before->second;
    out.path = found.path;
    out.links = found.links;
    return out;
  }
  read(found);
  found.settle();
  return sets_.emplace(key, std::move(found)).first->second;
}

AnchorSet AnchorReader::file(const std::string& path, Dialect dialect) const {
  host::Resolved end;
  AnchorSet out = locate(path, false, end);
  if (out.error != 0) return out;
  return remember(fmt::format("f{} {}", static_cast<int>(dialect), end.path), std::move(out), [&](AnchorSet& set) { read_file(set, dialect); });
}

void AnchorReader::read_file(AnchorSet& out, Dialect dialect) const {
  const auto bytes = files_.read(out.resolved, kMaxFile);
  if (!bytes) {
    out.error = errno_of(bytes.error());
    out.detail = bytes.error().message;
    return;
  }
  PemRead read = read_pem_as(dialect, text_of(*bytes), known_);
  out.damage = std::move(read.damage);
  out.bad_text = read.bad_text;
  out.anchors = std::move(read.certificates);
  out.rejected = std::move(read.rejected);
  if (out.damage.empty() && out.anchors.empty()) note_der(out, *bytes);
  if (out.damage.empty() || !out.unusable.empty()) return;
  const PemBundle whole = read_pem_bundle(*bytes, known_);
  out.detail = whole.errors.empty() ? out.damage : whole.errors.front().text();
  // What an editor could save of it, such as blocks that were glued together.
  const std::string repaired = repaired_bundle(text_of(*bytes));
  out.unusable = read_pem_bundle({reinterpret_cast<const std::uint8_t*>(repaired.data()), repaired.size()}, known_).certificates;
  out.forget_reachable();
}

AnchorSet AnchorReader::read_as(const std::string& path, const Parse& parse) const {
  host::Resolved end;
  AnchorSet out = locate(path, false, end);
  if (out.error != 0) return out;
  const auto bytes = files_.read(end.path, kMaxFile);
  auto anchors = bytes ? parse(*bytes) : base::Result<std::vector<x509::Certificate>>();
  if (!bytes)
    out.error = errno_of(bytes.error());
  else if (!anchors)
    out.damage = out.detail = anchors.error().text();
  else
    out.anchors = std::move(*anchors);
  out.settle();
  return out;
}

AnchorSet AnchorReader::keystore(const std::string& path, const std::string& password) const {
  return read_as(path, [&](bytes::View data) { return read_keystore(data, password); });
}

AnchorSet AnchorReader::nss_database(const std::string& path) const {
  return read_as(path, [](bytes::View data) -> base::Result<std::vector<x509::Certificate>> {
    TRY(database, read_nss_database(data));
    return std::move(database.anchors);
  });
}

AnchorSet AnchorReader::p11_file(const std::string& path, bool anchor, std::vector<x509::Certificate>& distrusted) const {
  return read_as(path, [&](bytes::View data) -> base::Result<std::vector<x509::Certificate>> {
    P11Trust read = read_p11_file(data, anchor);
    std::ranges::move(read.distrusted, std::back_inserter(distrusted));
    return std::move(read.anchors);
  });
}

AnchorSet AnchorReader::p11_directory(const std::string& path, std::string_view part, std::vector<x509::Certificate>& distrusted) const {
  host::Resolved end;
  AnchorSet out = locate(path, true, end);
  for (const std::string& name : names(path)) {
    if (is_directory(path + "/" + name)) continue;
    AnchorSet one = p11_file(path + "/" + name, !part.empty(), distrusted);
    const bool blocked = part == "/blocklist" || part == "/blacklist";
    std::ranges::move(one.anchors, std::back_inserter(blocked ? distrusted : out.anchors));
  }
  out.settle();
  return out;
}

std::vector<x509::Certificate> AnchorReader::der(const std::string& path) const {
  const auto bytes = host::read_following(files_, path, kMaxFile, who_);
  if (!bytes) return {};
  auto one = x509::Certificate::parse(*bytes);
  return one ? std::vector{std::move(*one)} : std::vector<x509::Certificate>{};
}

bool AnchorReader::is_directory(const std::string& path) const {
  const host::Resolved end = host::resolve(files_, path, who_, false);
  return end.error == 0 && end.stat.kind == host::Kind::kDirectory;
}

bool AnchorReader::is_file(const std::string& path) const {
  const host::Resolved end = host::resolve(files_, path, who_, false);
  return end.error == 0 && end.stat.kind == host::Kind::kFile;
}

bool AnchorReader::readable(const std::string& path) const { return host::resolve(files_, path, who_, true).error == 0; }

bool AnchorReader::has_begin_line(const std::string& path) const {
  const auto bytes = host::read_following(files_, path, kMaxFile, who_);
  if (!bytes) return false;
  const std::string text = "\n" + std::string(text_of(*bytes));
  return std::ranges::any_of(std::array{"", "X509 ", "TRUSTED "},
                             [&](const std::string& kind) { return text.contains("\n-----BEGIN " + kind + "CERTIFICATE-"); });
}

std::vector<std::string> AnchorReader::names(const std::string& path) const {
  const host::Resolved end = host::resolve(files_, path, who_, true);
  return end.error == 0 ? files_.list(end.path).value_or(std::vector<std::string>{}) : std::vector<std::string>{};
}

AnchorSet AnchorReader::every_file(const std::string& path, Dialect dialect, bool hash_links) const {
  return take_files(path, dialect, [&](const std::string& entry, const std::string&) {
    const auto stat = files_.lstat(entry);
    return hash_links || !stat || stat->kind != host::Kind::kLink || stat->target.contains('/');
  });
}

AnchorSet AnchorReader::files_named(const std::string& path, Dialect dialect, std::span<const std::string_view> endings) const {
  return take_files(path, dialect, [&](const std::string&, const std::string& name) {
    return std::ranges::any_of(endings, [&](std::string_view one) { return name.ends_with(one); });
  });
}

AnchorSet AnchorReader::take_files(const std::string& path, Dialect dialect,
                                   const std::function<bool(const std::string& entry, const std::string& name)>& wanted) const {
  host::Resolved end;
  AnchorSet out = locate(path, true, end);
  if (out.error != 0) return out;
  const host::Resolved listed = host::resolve(files_, path, who_, true);
  const auto names = listed.error == 0 ? files_.list(end.path) : base::Result<std::vector<std::string>>(base::fail_errno(listed.error, "can't list"));
  if (!names) return out.error = names.error().sys_errno, out.settle(), out;
  std::size_t taken = 0;
  for (const std::string& name : *names) {
    if (++taken > kMaxEntries) break;
    if (!wanted(end.path + "/" + name, name)) continue;
    AnchorSet one = file(end.path + "/" + name, dialect);
    std::ranges::move(one.anchors, std::back_inserter(out.anchors));
  }
  out.settle();
  return out;
}

}  // namespace tlswhy::store
