// The directories of AnchorReader that are read by the names of hashes.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "store/anchor_reader.h"

namespace tlswhy::store {
namespace {

constexpr std::uint64_t kMaxFile = 64U << 20;

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

void AnchorSet::forget_reachable() {
  std::set<std::vector<std::uint8_t>> reachable;
  for (const auto* all : {&anchors, &rejected})
    for (const x509::Certificate& one : *all) reachable.insert(one.der());
  std::erase_if(unusable, [&](const x509::Certificate& one) { return reachable.contains(one.der()); });
}

// One directory as it is read.
struct AnchorReader::HashedDirectory {
  const DirectoryListing& listing;
  const HashRules& rules;
  Dialect dialect;
  std::set<std::string> whole = {};  // files of which everything was taken, by final path
};

void AnchorReader::look_ahead(const std::string& path) {
  ahead_path_ = path;
  ahead_ = std::async(std::launch::async | std::launch::deferred, [&plain = plain_, path, who = who_] {
    const host::RememberedFiles files(plain);
    const host::Resolved end = host::resolve(files, path, who);
    return end.error == 0 ? list_directory(files, end.path, who) : DirectoryListing{};
  });
}

const DirectoryListing& AnchorReader::listing(const std::string& path, const std::string& resolved) const {
  if (const auto before = listings_.find(resolved); before != listings_.end()) return before->second;
  const bool begun = ahead_.valid() && path == ahead_path_;
  return listings_.emplace(resolved, begun ? ahead_.get() : list_directory(files_, resolved, who_)).first->second;
}

base::Result<host::Bytes> AnchorReader::contents(const DirectoryListing& listing, const std::string& path) const {
  if (const auto there = listing.contents.find(path); there != listing.contents.end()) return there->second;
  return files_.read(path, kMaxFile);
}

// Without the right to search it no name in it leads anywhere.
bool AnchorReader::can_search(const AnchorSet& directory) const {
  const host::Resolved inside = host::resolve(files_, directory.resolved + "/00000000.0", who_, false);
  return inside.error != EACCES || inside.failed_at != directory.resolved;
}

AnchorSet AnchorReader::hashed(const std::string& path, const HashRules& rules, Dialect dialect) const {
  host::Resolved end;
  AnchorSet out = locate(path, true, end);
  if (out.error != 0) return out;
  const std::string key = fmt::format("d{} {}{}{}{} {}", static_cast<int>(dialect), rules.skips_bad, rules.bad_block_spoils, rules.old_names,
                                      rules.any_name_and_form, end.path);
  return remember(key, std::move(out), [&](AnchorSet& set) { read_hashed(set, rules, dialect); });
}

void AnchorReader::read_hashed(AnchorSet& out, const HashRules& rules, Dialect dialect) const {
  if (!can_search(out)) return out.error = EACCES, out.failed_at = out.resolved, void();
  HashedDirectory from{listing(out.path, out.resolved), rules, dialect};
  if (from.listing.error) return out.error = from.listing.error->sys_errno, void();
  std::map<std::string_view, const DirectoryListing::Entry*> names;
  std::set<std::string> hashes;
  for (const DirectoryListing::Entry& entry : from.listing.entries) {
    names.emplace(entry.name, &entry);
    if (const std::string hash = hash_of(entry.name); !hash.empty()) hashes.insert(hash);
  }
  for (const std::string& hash : hashes)
    for (int n = 0;; ++n) {
      const auto entry = names.find(hash + "." + std::to_string(n));
      if (entry == names.end() || !take_hashed(from, *entry->second, out)) break;
    }
  if (rules.any_name_and_form) take_by_uri(out.resolved, out);
  note_unreached(from, out);
}

// False when this entry ends the count.
bool AnchorReader::take_hashed(HashedDirectory& from, const DirectoryListing::Entry& entry, AnchorSet& out) const {
  if (entry.end.error != 0) return from.rules.skips_bad;
  const auto bytes = contents(from.listing, entry.end.path);
  if (!bytes) return from.rules.skips_bad;
  // X509_load_cert_file_ex reads one by one, TRUSTED CERTIFICATE too, and keeps
  // what came before a bad block.
  PemRead read = read_pem_as(Dialect::kOneByOne, text_of(*bytes), known_);
  const bool whole = read.damage.empty();
  if (whole) read = read_pem_as(from.dialect, text_of(*bytes), known_);
  const bool spoilt = !read.damage.empty() && (from.rules.bad_block_spoils || read.certificates.empty());
  const bool nothing = read.certificates.empty() && read.rejected.empty();
  if (spoilt || nothing) return from.rules.skips_bad;
  const std::size_t found = read.certificates.size() + read.rejected.size(), before = out.anchors.size() + out.rejected.size();
  const std::string hash = entry.name.substr(0, 8);
  keep_with_hash(std::move(read.certificates), hash, from.rules.old_names, out.anchors);
  keep_with_hash(std::move(read.rejected), hash, from.rules.old_names, out.rejected);
  if (whole && out.anchors.size() + out.rejected.size() - before == found) from.whole.insert(entry.end.path);
  return true;
}

// Links that lead nowhere, and certificates that no look-up finds.
void AnchorReader::note_unreached(const HashedDirectory& from, AnchorSet& out) const {
  std::set<std::string> seen = from.whole;
  for (const DirectoryListing::Entry& entry : from.listing.entries) {
    if (entry.hashed && entry.end.error != 0 && !entry.end.links.empty()) ++out.dangling, out.failed_at = entry.end.failed_at;
    if (entry.end.error != 0 || !seen.insert(entry.end.path).second) continue;
    if (const auto bytes = contents(from.listing, entry.end.path))
      std::ranges::move(read_pem_bundle(*bytes, known_).certificates, std::back_inserter(out.unusable));
  }
  out.forget_reachable();
  if (out.dangling > 0) out.detail = fmt::format("{} hash names lead nowhere", out.dangling);
  if (!out.anchors.empty()) return out.failed_at.clear();
  if (out.dangling == 0 && !out.unusable.empty()) out.detail = fmt::format("{} certificates, none under a hash name", out.unusable.size());
}

// providers/implementations/storemgmt/file_store.c: names that begin with the
// hash, in the order that the file system gives; the first that can't be read
// ends it (by_store.c breaks at a null).
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

}  // namespace tlswhy::store
