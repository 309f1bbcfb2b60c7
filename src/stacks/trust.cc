#include "stacks/trust.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <span>

#include "base/text.h"
#include "store/distributions.h"

namespace tlswhy::stacks {
namespace {

constexpr int kMaxDepth = 12;

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

// Issuer by issuer up to an anchor.
Judgement follow(const Trust& trust, std::span<const x509::Certificate> chain, bool sent_first) {
  Judgement out;
  const auto end = [&](const char* code) { return out.verdict = trust.openssl_codes || std::string_view(code) == "ok" ? code : "untrusted", out; };
  if (!trust.refusal.empty()) return out.verdict = "refused", out;
  if (chain.empty()) return end("20");
  const x509::Certificate* current = &chain.front();
  bool stored = false;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    out.path.push_back(*current);
    if (holds(trust.anchors, *current) && (trust.partial_chain || current->self_issued())) return end("ok");
    if (current->self_issued()) return end(depth == 0 ? "18" : "19");
    const x509::Certificate* sent = issuer_in(chain, *current);
    const x509::Certificate* next = sent_first && sent != nullptr ? sent : issuer_in(trust.anchors, *current);
    stored = stored || (next != nullptr && next != sent);
    if (next == nullptr && issuer_in(trust.rejected, *current) != nullptr) return end("28");
    if (next == nullptr && !stored) next = sent;
    if (next == nullptr) return end(stored ? "2" : "20");
    current = next;
  }
  return end("22");
}

}  // namespace

const std::string* Eyes::variable(const std::string& name) const {
  const auto at = env.find(name);
  return at == env.end() ? nullptr : &at->second;
}

const std::string* Eyes::variable_text(const std::string& name) const {
  const std::string* value = variable(name);
  return value != nullptr && !value->empty() ? value : nullptr;
}

const std::string* Eyes::first_of(std::initializer_list<const char*> names, std::string& variable) const {
  for (const char* one : names)
    if (const std::string* value = variable_text(one)) return variable = one, value;
  return nullptr;
}

std::string Eyes::home() const {
  if (const std::string* own = variable_text("HOME")) return *own;
  constexpr std::uint64_t kMaxFile = 1U << 20;
  const auto text = host::read_following(files, "/etc/passwd", kMaxFile, who);
  if (!text) return "";
  constexpr std::size_t kId = 2, kHome = 5;  // passwd(5)
  for (const std::string& line : base::split(std::string(text->begin(), text->end()), '\n'))
    if (const auto fields = base::split(line, ':'); fields.size() > kHome && fields[kId] == std::to_string(who.uid)) return fields[kHome];
  return "";
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

Judgement judge(const Trust& trust, std::span<const x509::Certificate> chain) {
  Judgement out = follow(trust, chain, trust.prefers != Preference::kStore);
  return out.verdict == "ok" || trust.prefers != Preference::kSentThenStore ? out : follow(trust, chain, false);
}

void TrustBuilder::add(store::AnchorSet set, const std::string& variable) {
  keep_one_of_each(set.anchors);
  facts::Source source;
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
  if (eyes.top != nullptr) source.holds_anchor = holds(set.anchors, *eyes.top) || issuer_in(set.anchors, *eyes.top) != nullptr;
  out.sources.push_back(std::move(source));
  std::ranges::move(set.anchors, std::back_inserter(out.anchors));
  std::ranges::move(set.rejected, std::back_inserter(out.rejected));
}

void TrustBuilder::ignores_openssls(std::string_view why) {
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) ignored(name, why);
}

void TrustBuilder::ignored(const std::string& variable, std::string_view why) {
  const std::string* value = eyes.variable(variable);
  if (value == nullptr) return;
  facts::Source source;
  source.kind = "env";
  source.what = variable.ends_with("_DIR") ? "directory" : "file";
  source.variable = variable;
  source.path = *value;
  source.status = "ignored";
  source.detail = why;
  out.sources.push_back(std::move(source));
}

void TrustBuilder::compiled(std::string_view what) {
  facts::Source source;
  source.kind = "bundled";
  source.what = "list";
  source.status = "ok";
  source.detail = what;
  out.sources.push_back(std::move(source));
}

}  // namespace tlswhy::stacks
