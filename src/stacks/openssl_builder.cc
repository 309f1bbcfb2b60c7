// crypto/x509/x509_d2.c, by_file.c, by_dir.c and by_store.c of 1.1.0 to 3.6.

#include <algorithm>
#include <set>

#include "base/text.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

store::Dialect dialect_of(const Spec& spec) { return Spec::at_least(spec.openssl, "3.0") ? store::Dialect::kOpenSsl : store::Dialect::kOpenSsl111; }

// The store look-up of 3.0 to 3.3 takes the directory variable for one URI and tries every name (by_store.c); 3.5.7
// counts a file with a bad block as nothing (3.1.4, 3.2.2, 3.3.2, 3.4.1, 3.5.2 to 3.5.6 and 4.0 do not); 3.6.4 and 4.0.2 (seen: 4.0.3, not 4.0.1) go
// on behind an entry they can't read, and so do 3.0.22 and 3.5.8.
store::HashRules rules_of(const std::string& version) {
  store::HashRules out;
  out.any_name_and_form = Spec::at_least(version, "3.0") && !Spec::at_least(version, "3.4");
  const auto within = [&](std::string_view first, std::string_view end) { return Spec::at_least(version, first) && !Spec::at_least(version, end); };
  const bool before = within("3.6", "3.6.4") || within("4.0", "4.0.2");
  out.skips_bad = (Spec::at_least(version, "3.5.8") && !before) || (Spec::at_least(version, "3.0.22") && !Spec::at_least(version, "3.1"));
  out.bad_block_spoils = Spec::at_least(version, "3.5.7") && !out.skips_bad && !before;
  return out;
}

// secure_getenv(3) came with 1.0.2q, 1.1.0j and 1.1.1a (crypto/getenv.c); "1.1.1" alone means its latest.
bool heeds_at_secure(const std::string& version) {
  for (const std::string_view first : {"1.0.2q", "1.1.0j", "1.1.1a"})
    if (version.starts_with(first.substr(0, 5)) && version.size() > 5) return version.substr(5) >= first.substr(5);
  return Spec::at_least(version, "1.0.2");
}

}  // namespace

void TrustBuilder::openssl_file(const Spec& spec, const std::string& path, const std::string& variable) {
  add(reader.file(path, dialect_of(spec)), variable);
}

void TrustBuilder::openssl_file_or_refuse(const Spec& spec, const std::string& path, const std::string& variable) {
  const std::size_t before = out.anchors.size() + out.rejected.size();
  openssl_file(spec, path, variable);
  if (out.anchors.size() + out.rejected.size() == before) out.refusal = "it can't load " + path;
}

void TrustBuilder::openssl_path_or_refuse(const Spec& spec, const std::string& path, const std::string& variable) {
  reader.is_directory(path) ? openssl_directories(spec, path, variable) : openssl_file_or_refuse(spec, path, variable);
}

void TrustBuilder::openssl_directories(const Spec& spec, const std::string& list, const std::string& variable, bool defaults) {
  store::HashRules rules = rules_of(spec.openssl);
  rules.any_name_and_form = rules.any_name_and_form && defaults;
  for (const std::string& one : base::split(list, ':')) {
    if (one.empty()) continue;
    add_behind(reader.hashed(one, rules, dialect_of(spec)), variable);
  }
  if (!rules.any_name_and_form) return;
  const std::string path = list.starts_with("file:") ? list.substr(5) : list;
  const bool directory = reader.is_directory(path);
  if (directory && path == list) return;  // seen above
  store::AnchorSet set = directory ? reader.hashed(path, rules, dialect_of(spec)) : reader.file(path, store::Dialect::kOneByOne);
  if (!directory && set.error == 0) std::ranges::move(reader.der(path), std::back_inserter(set.anchors));
  if (set.error == 0) add_behind(std::move(set), variable);
}

// A subject that is loaded already is never looked for in a directory (x509_lu.c, X509_STORE_CTX_get_by_subject).
void TrustBuilder::add_behind(store::AnchorSet set, const std::string& variable) {
  std::set<std::string> loaded;
  for (const x509::Certificate& one : out.anchors) loaded.insert(one.subject());
  const auto known = static_cast<std::ptrdiff_t>(out.anchors.size());
  add(std::move(set), variable);
  const auto masked = std::remove_if(out.anchors.begin() + known, out.anchors.end(), [&](const auto& one) { return loaded.contains(one.subject()); });
  out.anchors.erase(masked, out.anchors.end());
}

void TrustBuilder::openssl_defaults(const Spec& spec) {
  out.openssl_codes = true;
  const bool heeds = !as.at_secure || !heeds_at_secure(spec.openssl);
  if (!heeds) silenced("SSL_CERT_FILE");
  const std::string* file = heeds ? as.variable("SSL_CERT_FILE") : nullptr;
  openssl_file(spec, file != nullptr ? *file : spec.cert_file(), file != nullptr ? "SSL_CERT_FILE" : "");
  if (!heeds) silenced("SSL_CERT_DIR");
  const std::string* directory = heeds ? as.variable("SSL_CERT_DIR") : nullptr;
  openssl_directories(spec, directory != nullptr ? *directory : spec.cert_directory(), directory != nullptr ? "SSL_CERT_DIR" : "", true);
}

store::AnchorSet TrustBuilder::openssl_bundle(const Spec& spec, const std::string& path) const { return reader.file(path, dialect_of(spec)); }

store::AnchorSet TrustBuilder::openssl_directory(const Spec& spec, const std::string& path) const {
  store::HashRules rules = rules_of(spec.openssl);
  rules.any_name_and_form = false;
  return reader.hashed(path, rules, dialect_of(spec));
}

}  // namespace tlswhy::stacks
