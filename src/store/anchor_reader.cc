#include "store/anchor_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <set>

#include "base/text.h"
#include "store/keystore.h"
#include "store/nss_database.h"
#include "store/p11_kit.h"

namespace tlswhy::store {
namespace {

constexpr std::uint64_t kMaxFile = 64U << 20;
constexpr std::size_t kMaxEntries = 10'000;

std::string_view text_of(const host::Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// "HHHHHHHH.n" in whatever letters; "" for another name.
std::string hash_of(const std::string& name) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return base::is_hash_name(lower) ? lower.substr(0, 8) : "";
}

void keep_with_hash(std::vector<x509::Certificate> found, const std::string& hash, bool old_names, std::vector<x509::Certificate>& out) {
  for (x509::Certificate& one : found)
    if (one.subject_hash() == hash || (old_names && one.subject_hash_old() == hash)) out.push_back(std::move(one));
}

}  // namespace

AnchorSet AnchorReader::locate(const std::string& path, bool directory, host::Resolved& end) const {
  end = host::resolve(files_, path, who_, !directory);
  return {path, directory, end.error, end.failed_at, "", false, end.links, {}, {}};
}

AnchorSet AnchorReader::file(const std::string& path, Dialect dialect) const {
  host::Resolved end;
  AnchorSet out = locate(path, false, end);
  if (out.error != 0) return out;
  const auto bytes = files_.read(end.path, kMaxFile);
  if (!bytes) return out.error = bytes.error().sys_errno != 0 ? bytes.error().sys_errno : EISDIR, out;
  PemRead read = read_pem_as(dialect, text_of(*bytes), known_);
  out.damage = std::move(read.damage);
  out.bad_text = read.bad_text;
  out.anchors = std::move(read.certificates);
  out.rejected = std::move(read.rejected);
  return out;
}

AnchorSet AnchorReader::read_as(const std::string& path,
                                const std::function<base::Result<std::vector<x509::Certificate>>(bytes::View)>& parse) const {
  host::Resolved end;
  AnchorSet out = locate(path, false, end);
  if (out.error != 0) return out;
  const auto bytes = files_.read(end.path, kMaxFile);
  if (!bytes) return out.error = bytes.error().sys_errno != 0 ? bytes.error().sys_errno : EISDIR, out;
  auto anchors = parse(*bytes);
  if (!anchors) return out.damage = anchors.error().text(), out;
  out.anchors = std::move(*anchors);
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

// False when this entry ends the count.
bool AnchorReader::take_hashed(const std::string& path, const std::string& hash, const HashRules& rules, Dialect dialect, AnchorSet& out) const {
  if (host::resolve(files_, path, who_, true).error != 0) return rules.skips_bad;
  const auto bytes = host::read_following(files_, path, kMaxFile, who_);
  if (!bytes) return rules.skips_bad;
  // X509_load_cert_file_ex reads one by one, TRUSTED CERTIFICATE too, and keeps what came before a bad block.
  PemRead read = read_pem_as(Dialect::kOneByOne, text_of(*bytes), known_);
  if (read.damage.empty()) read = read_pem_as(dialect, text_of(*bytes), known_);
  const bool spoilt = !read.damage.empty() && (rules.bad_block_spoils || read.certificates.empty());
  const bool nothing = read.certificates.empty() && read.rejected.empty();
  if (spoilt || nothing) return rules.skips_bad;
  keep_with_hash(std::move(read.certificates), hash, rules.old_names, out.anchors);
  keep_with_hash(std::move(read.rejected), hash, rules.old_names, out.rejected);
  return true;
}

AnchorSet AnchorReader::hashed(const std::string& path, const HashRules& rules, Dialect dialect) const {
  host::Resolved end;
  AnchorSet out = locate(path, true, end);
  if (out.error != 0) return out;
  const auto names = files_.list(end.path);
  if (!names) return out.error = names.error().sys_errno, out;
  std::set<std::string> hashes;
  for (const std::string& name : *names)
    if (const std::string hash = hash_of(name); !hash.empty() && hashes.size() < kMaxEntries) hashes.insert(hash);
  for (const std::string& hash : hashes)
    for (int n = 0; std::ranges::binary_search(*names, hash + "." + std::to_string(n)); ++n)
      if (!take_hashed(out.path + "/" + hash + "." + std::to_string(n), hash, rules, dialect, out)) break;
  if (rules.any_name_and_form) take_by_uri(end.path, out);
  return out;
}

// providers/implementations/storemgmt/file_store.c: names that begin with the hash, in the order that the file system
// gives; the first that can't be read ends it (by_store.c breaks at a null).
void AnchorReader::take_by_uri(const std::string& path, AnchorSet& out) const {
  const auto names = files_.list_as_stored(path);
  if (!names) return;
  std::set<std::string> ended;
  for (const std::string& name : *names) {
    const std::string hash = hash_of(name);
    if (hash.empty() || ended.contains(hash)) continue;
    AnchorSet one = file(path + "/" + name, Dialect::kOneByOne);
    std::ranges::move(der(path + "/" + name), std::back_inserter(one.anchors));
    if (one.error != 0) ended.insert(hash);
    keep_with_hash(std::move(one.anchors), hash, false, out.anchors);
  }
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
  if (!names) return out.error = names.error().sys_errno, out;
  std::size_t taken = 0;
  for (const std::string& name : *names) {
    if (++taken > kMaxEntries) break;
    if (!wanted(end.path + "/" + name, name)) continue;
    AnchorSet one = file(end.path + "/" + name, dialect);
    std::ranges::move(one.anchors, std::back_inserter(out.anchors));
  }
  return out;
}

}  // namespace tlswhy::store
