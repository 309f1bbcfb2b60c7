#include "stacks/trust.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "base/text.h"
#include "facts/reasons.h"
#include "stacks/stack.h"
#include "store/distributions.h"

namespace tlswhy::stacks {
namespace {

constexpr int kMaxDepth = 12;
// X509_V_ERR_* (openssl/x509_vfy.h).
constexpr int kNoIssuerInStore = 2, kSelfSignedLeaf = 18, kSelfSignedInChain = 19, kNoIssuer = 20, kTooLong = 22, kRejected = 28;

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
  Verdict out{facts::reason_of_openssl(code), trust.openssl_codes ? code : 0, path.empty() ? 0 : static_cast<int>(path.size()) - 1, std::move(path)};
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
    if (sources[i].kind == "explicit" && sources[i].what == "list") continue;  // of unseen certificates
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
  const Stack* row = find_stack(out.name);
  if (row == nullptr) return base::fail(base::Code::kUsage, fmt::format("no stack \"{}\" is known; tlswhy stacks lists them", out.name), text);
  if (row->base) out.openssl = out.version;
  return out;
}

Spec spec_of(const facts::Stack& stack, const host::Files& files) {
  Spec out;
  out.take_places(files);
  const Stack* row = row_of(stack);
  if (row != nullptr) out.name = row->id;
  out.version = stack.version;
  out.openssl = stack.build.version;
  out.linkage = stack.linkage;
  out.path = stack.path;
  out.without_defaults = stack.own_stores;
  out.loaded = stack.loaded;
  if (stack.own_stores) out.instead = stack.knobs;
  if (row != nullptr && (row->own_places || !row->stands_on.empty()) && stack.places_by == "text")
    out.bundle = stack.compiled_file, out.hashed = stack.compiled_directory;
  out.compiled_file = stack.build.cert_file;
  out.compiled_directory = stack.build.cert_dir;
  if (stack.build.openssldir.empty()) return out;
  out.own_directory = stack.build.openssldir != out.openssldir;
  out.openssldir = stack.build.openssldir;
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

void TrustBuilder::add_source(const store::AnchorSet& set, facts::Source as_what) {
  ReadSource source{std::move(as_what), set.anchors, set.unusable};
  source.what = set.directory ? "directory" : "file";
  source.path = set.path;
  if (source.status.empty()) source.status = store::status_name(set.status);
  source.error = set.error != 0 ? base::errno_name(set.error) : "";
  source.failed_at = set.failed_at;
  source.links = set.links;
  source.modified = set.modified;
  if (source.status != "ignored") source.anchors = set.anchors.size();
  if (!set.detail.empty() && source.status != "ignored") source.detail += (source.detail.empty() ? "" : "; ") + set.detail;
  out.sources.push_back(std::move(source));
}

void TrustBuilder::take(store::AnchorSet set, facts::Source as_what) {
  keep_one_of_each(set.anchors);
  set.settle();
  add_source(set, std::move(as_what));
  std::ranges::move(set.anchors, std::back_inserter(out.anchors));
  std::ranges::move(set.rejected, std::back_inserter(out.rejected));
}

void TrustBuilder::add(store::AnchorSet set, const std::string& variable) {
  facts::Source source;
  source.kind = variable.empty() ? "compiled" : "env";
  source.variable = variable;
  take(std::move(set), std::move(source));
}

void TrustBuilder::add_named(store::AnchorSet set, const char* kind, const std::string& by) {
  facts::Source source;
  source.kind = kind;
  source.detail = by;
  take(std::move(set), std::move(source));
}

void TrustBuilder::name_last(const char* kind, const std::string& by) {
  if (by.empty() || out.sources.empty()) return;
  ReadSource& source = out.sources.back();
  source.kind = kind;
  source.detail = by + (source.detail.empty() ? "" : "; ") + source.detail;
}

void TrustBuilder::ignores_openssls(std::string_view why) {
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) ignored(name, why);
}

void TrustBuilder::ignored(const std::string& variable, std::string_view why) { leave_out(variable, why, false); }

void TrustBuilder::silenced(const std::string& variable) { leave_out(variable, "not read: the process runs with AT_SECURE", true); }

void TrustBuilder::leave_out(const std::string& variable, std::string_view why, bool would_be) {
  const std::string* value = as.variable(variable);
  if (value == nullptr) return;
  const store::AnchorSet set = variable.ends_with("_DIR") ? reader.directory(*value) : reader.bundle(*value);
  facts::Source source;
  source.kind = "env";
  source.variable = variable;
  source.status = "ignored";
  source.detail = would_be ? fmt::format("{} (would be: {})", why, store::status_name(set.status)) : std::string(why);
  add_source(set, std::move(source));
}

void TrustBuilder::passed_over(store::AnchorSet set, const char* kind, std::string_view why) {
  facts::Source source;
  source.kind = kind;
  source.status = "ignored";
  source.detail = why;
  add_source(set, std::move(source));
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
  return trust_of(spec, as, store::AnchorReader(as.files, as.who, known));
}

Trust trust_of(const Spec& spec, const host::Viewpoint& as, const store::AnchorReader& reader) {
  const Stack* row = find_stack(spec.name);
  if (row == nullptr || row->trust == nullptr) return {};
  TrustBuilder builder(as, reader);
  builder.out = row->trust(spec, builder);
  builder.only_loaded(spec, row->loads);
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
