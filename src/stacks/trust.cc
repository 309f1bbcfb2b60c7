#include "stacks/trust.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <span>

#include "base/text.h"
#include "stacks/stack.h"
#include "store/distributions.h"

namespace tlswhy::stacks {
namespace {

constexpr int kMaxDepth = 12;
// X509_V_ERR_* (openssl/x509_vfy.h).
constexpr int kNoIssuerInStore = 2, kSelfSignedLeaf = 18, kSelfSignedInChain = 19, kNoIssuer = 20, kTooLong = 22, kRejected = 28;

std::string status_of(const store::AnchorSet& set) {
  if (set.error == EACCES || set.error == EPERM) return "denied";
  if (set.error == ENOENT || set.error == ENOTDIR || set.error == ELOOP) return set.links.empty() ? "missing" : "dangling_link";
  if (set.error != 0) return "unreadable";
  if (!set.anchors.empty()) return "ok";
  return set.damage.empty() ? "empty" : "malformed";
}

const x509::Certificate* issuer_in(std::span<const x509::Certificate> all, const x509::Certificate& one) {
  const auto hit = std::ranges::find_if(all, [&](const auto& other) { return other.der() != one.der() && one.signed_by(other); });
  return hit == all.end() ? nullptr : &*hit;
}

bool holds(std::span<const x509::Certificate> all, const x509::Certificate& one) {
  return std::ranges::any_of(all, [&](const auto& other) { return other.der() == one.der(); });
}

// A file and the link to it, or a name that two look-ups find, are one anchor.
void keep_one_of_each(std::vector<x509::Certificate>& all) {
  std::set<std::span<const std::uint8_t>, decltype([](const auto& a, const auto& b) { return std::ranges::lexicographical_compare(a, b); })> seen;
  std::vector<x509::Certificate> out;
  for (x509::Certificate& one : all)
    if (seen.insert(one.der()).second) out.push_back(one);
  all = std::move(out);
}

// Stacks with numbers of their own say no more than that they found no issuer.
Verdict refusal_of(const Trust& trust, int code, std::vector<x509::Certificate> path) {
  Verdict out{reason_of_openssl(code), trust.openssl_codes ? code : 0, path.empty() ? 0 : static_cast<int>(path.size()) - 1, std::move(path)};
  if (!trust.openssl_codes && out.reason == facts::Reason::kSelfSigned) out.reason = facts::Reason::kNoIssuer;
  return out;
}

// Issuer by issuer up to an anchor.
Verdict follow(const Trust& trust, std::span<const x509::Certificate> chain, bool sent_first) {
  std::vector<x509::Certificate> path;
  const auto end = [&](int code) { return refusal_of(trust, code, std::move(path)); };
  if (!trust.refusal.empty()) return {facts::Reason::kStoreRefused};
  if (chain.empty()) return end(kNoIssuer);
  const x509::Certificate* current = &chain.front();
  bool stored = false;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    path.push_back(*current);
    if (holds(trust.anchors, *current) && (trust.partial_chain || current->self_issued())) return {facts::Reason::kAccepted, 0, 0, std::move(path)};
    if (current->self_issued()) return end(depth == 0 ? kSelfSignedLeaf : kSelfSignedInChain);
    const x509::Certificate* sent = issuer_in(chain, *current);
    const x509::Certificate* next = sent_first && sent != nullptr ? sent : issuer_in(trust.anchors, *current);
    stored = stored || (next != nullptr && next != sent);
    if (next == nullptr && issuer_in(trust.rejected, *current) != nullptr) return end(kRejected);
    if (next == nullptr && !stored) next = sent;
    if (next == nullptr) return end(stored ? kNoIssuerInStore : kNoIssuer);
    current = next;
  }
  return end(kTooLong);
}

}  // namespace

std::vector<facts::Source> Trust::source_facts(const x509::Certificate* top) const {
  std::vector<facts::Source> out(sources.begin(), sources.end());
  for (std::size_t i = 0; i < out.size(); ++i) out[i].anchor_digests = digests_of(sources[i].contents);
  if (top == nullptr) return out;
  const auto has = [&](const auto& all) { return holds(all, *top) || issuer_in(all, *top) != nullptr; };
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].holds_anchor = has(sources[i].contents);
    out[i].holds_unusable_anchor = has(sources[i].unusable);
  }
  return out;
}

void Spec::take_places(const host::Files& files) {
  const store::Distribution* found = store::distribution_of(files);
  if (found == nullptr) return;
  if (!own_directory && !found->openssldir.empty()) openssldir = found->openssldir;
  bundle = found->bundle;
  hashed = found->directory;
}

bool Spec::at_least(const std::string& version, std::string_view than) { return version.empty() || base::version_at_least(version, than); }

base::Result<Spec> parse_spec(const std::string& text) {
  Spec out;
  for (const std::string& part : base::split(text, '+')) {
    const std::size_t at = part.find('@');
    const std::string name = part.substr(0, at), value = at == std::string::npos ? "" : part.substr(at + 1);
    if (out.name.empty())
      out.name = name, out.version = value;
    else if (name == "openssl")
      out.openssl = value;
    else if (name == "dir")
      out.openssldir = value, out.own_directory = true;
    else if (name == "store")
      out.store = value;
    else
      return base::fail(base::Code::kUsage, fmt::format("\"{}\" is none of openssl@VERSION, dir@OPENSSLDIR, store@PATH", name), text);
  }
  if (out.name == "openssl") out.openssl = out.version;
  if (find_model(out.name) == nullptr)
    return base::fail(base::Code::kUsage, fmt::format("no stack \"{}\" is known; tlswhy stacks lists them", out.name), text);
  return out;
}

std::string model_name(const facts::Stack& stack) {
  if (!stack.model.empty()) return stack.model;
  return stack.name == "OpenSSL" ? "openssl" : stack.name == "CPython ssl" ? "python" : "";
}

Spec spec_of(const facts::Stack& stack, const host::Files& files) {
  Spec out;
  out.take_places(files);
  out.name = model_name(stack);
  out.version = stack.version;
  out.openssl = stack.build.version;
  out.linkage = stack.linkage;
  out.path = stack.path;
  if (!stack.build.openssldir.empty()) out.openssldir = stack.build.openssldir, out.own_directory = true;
  return out;
}

Verdict judge(const Trust& trust, std::span<const x509::Certificate> chain) {
  Verdict out = follow(trust, chain, trust.prefers != Preference::kStore);
  return out.accepted() || trust.prefers != Preference::kSentThenStore ? out : follow(trust, chain, false);
}

std::string Verdict::word() const {
  if (accepted()) return "ok";
  if (reason == facts::Reason::kStoreRefused) return "refused";
  return native == 0 ? "untrusted" : std::to_string(native);
}

void TrustBuilder::add(store::AnchorSet set, const std::string& variable) {
  keep_one_of_each(set.anchors);
  ReadSource source;
  source.kind = variable.empty() ? "compiled" : "env";
  source.what = set.directory ? "directory" : "file";
  source.variable = variable;
  source.path = set.path;
  source.status = status_of(set);
  source.error = set.error != 0 ? base::errno_name(set.error) : "";
  source.failed_at = set.failed_at;
  source.links = set.links;
  source.anchors = set.anchors.size();
  source.detail = set.damage;
  source.contents = set.anchors;
  out.sources.push_back(std::move(source));
  std::ranges::move(set.anchors, std::back_inserter(out.anchors));
  std::ranges::move(set.rejected, std::back_inserter(out.rejected));
}

void TrustBuilder::ignores_openssls(std::string_view why) {
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) ignored(name, why);
}

void TrustBuilder::ignored(const std::string& variable, std::string_view why) {
  const std::string* value = as.variable(variable);
  if (value == nullptr) return;
  ReadSource source;
  source.kind = "env";
  source.what = variable.ends_with("_DIR") ? "directory" : "file";
  source.variable = variable;
  source.path = *value;
  source.status = "ignored";
  source.detail = why;
  out.sources.push_back(std::move(source));
}

void TrustBuilder::compiled(std::string_view what) {
  ReadSource source;
  source.kind = "bundled";
  source.what = "list";
  source.status = "ok";
  source.detail = what;
  out.sources.push_back(std::move(source));
}

Trust without_environment(Trust (*model)(const Spec&, TrustBuilder&), const Spec& spec, const TrustBuilder& builder) {
  const host::Viewpoint as = builder.as.without_environment();
  TrustBuilder plain(as, builder.reader);
  return model(spec, plain);
}

Trust trust_of(const Spec& spec, const host::Viewpoint& as, store::KnownCertificates* known) {
  const TrustModel* model = find_model(spec.name);
  if (model == nullptr || model->trust == nullptr) return {};
  const store::AnchorReader reader(as.files, as.who, known);
  TrustBuilder builder(as, reader);
  return model->trust(spec, builder);
}

}  // namespace tlswhy::stacks
