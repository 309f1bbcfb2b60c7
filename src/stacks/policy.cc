#include "stacks/policy.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <vector>

#include "facts/reasons.h"
#include "stacks/stack.h"
#include "x509/extensions.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

// X509_V_ERR_*.
constexpr int kNoIssuerInStore = 2, kNoIssuer = 20, kNothingToVerifyWith = 21, kUnsupportedConstraint = 51, kBadConstraint = 53;

// The check that the program hears of.
x509::PathFault told(const Policy& policy, const std::vector<x509::PathFault>& faults) {
  constexpr int kBadSignature = 7;
  x509::PathFault out = faults.front();
  // Where every fault is passed over the last one stays; of a path that ends in nothing the leaf's own dates and signature are not among them
  // (as node and Bun were seen to tell it).
  const auto at_leaf = [](const x509::PathFault& one) {
    return one.code == kNothingToVerifyWith || (one.depth == 0 && (one.code == x509::kExpired || one.code == x509::kNotYetValid));
  };
  const bool unfinished = out.code == kNoIssuer || out.code == kNoIssuerInStore;
  if (policy.last_fault)
    for (const x509::PathFault& one : faults)
      if (!unfinished || !at_leaf(one)) out = one;
  if (policy.issuer_must_sign && std::ranges::find(faults, x509::kMayNotSign, &x509::PathFault::code) != faults.end()) out.code = kNoIssuer;
  if (policy.digests_are_unknown && out.code == x509::kDigestTooWeak) out.code = kBadSignature;
  return out;
}

// That an issuer's key usage does not allow it to sign is told as no authority and as a wrong purpose, too.
void drop_key_usage(std::vector<x509::PathFault>& faults) {
  std::vector<int> depths;
  for (const x509::PathFault& one : faults)
    if (one.code == x509::kMayNotSign) depths.push_back(one.depth);
  std::erase_if(faults, [&](const x509::PathFault& one) {
    const bool about_it = one.code == x509::kMayNotSign || one.code == x509::kInvalidAuthority || one.code == x509::kInvalidPurpose;
    return about_it && std::ranges::find(depths, one.depth) != depths.end();
  });
}

x509::Terms terms_of(const Policy& policy, const Asked& asked) {
  const bool asks = policy.names != Names::kUnchecked && !policy.own_names;
  return {asks ? asked.host : "", policy.names == Names::kWithCommonName, policy.part_of_label, policy.strict, policy.level, asked.time};
}

// RFC 5280 does not count those that are self-issued, some stacks do.
void count_lengths(std::span<const x509::Certificate> path, std::vector<x509::PathFault>& out) {
  std::erase_if(out, [](const x509::PathFault& one) { return one.code == x509::kPathTooLong; });
  for (std::size_t i = 1; i < path.size(); ++i)
    if (const auto length = x509::basic_constraints(path[i]).path_length; length && static_cast<long>(i) - 1 > *length)
      out.push_back({x509::kPathTooLong, static_cast<int>(i)});
}

bool is_fine(const KeyRules& rules, const x509::Key& key) {
  using enum x509::KeyKind;
  if (!key.named && !rules.explicit_curves) return false;
  switch (key.kind) {
    case kDsa: return rules.dsa;
    case kP192: return rules.p192;
    case kP521: return rules.p521;
    case kOtherCurve: return rules.other_curves;
    case kRsa: return key.bits >= rules.smallest_rsa;
    default: return true;
  }
}

// "*.example.com" against an excluded "foo.example.com" or "example.com".
bool may_stand_for(const std::string& wildcard, const std::string& excluded) {
  if (!wildcard.starts_with("*.")) return false;
  const std::string parent = wildcard.substr(1);  // ".example.com"
  return excluded.ends_with(parent) || "." + excluded == parent;
}

bool excluded_wildcard(std::span<const x509::Certificate> path) {
  constexpr std::size_t kMost = 250'000;  // comparisons: a certificate may hold thousands of names, and of constraints
  auto wildcards = path.front().dns_names();
  std::erase_if(wildcards, [](const std::string& name) { return !name.starts_with("*."); });
  if (wildcards.empty()) return false;
  std::size_t compared = 0;
  for (const x509::Certificate& issuer : path.subspan(1))
    for (const std::string& excluded : x509::excluded_names(issuer))
      for (const std::string& name : wildcards) {
        if (++compared > kMost) return false;
        if (may_stand_for(name, excluded)) return true;
      }
  return false;
}

// In the last second of its validity OpenSSL before 4.0 calls a certificate expired.
bool ends_now(const Policy& policy, std::span<const x509::Certificate> path, const x509::PathFault& fault, std::int64_t time) {
  const auto at = static_cast<std::size_t>(fault.depth);
  return policy.end_counts && fault.code == x509::kExpired && at < path.size() && path[at].valid_at(time);
}

bool purpose_is_fine(const Policy& policy, std::span<const x509::Certificate> path, const x509::PathFault& fault) {
  const auto at = static_cast<std::size_t>(fault.depth);
  return policy.purposes == Purposes::kExtendedAlone && fault.code == x509::kInvalidPurpose && at < path.size() &&
         x509::extended_usage(path[at]) != x509::ExtendedUsage::kOthers;
}

// Addresses of a leaf below constraints on addresses.
bool binds_addresses(std::span<const x509::Certificate> path) {
  const bool has = path.front().names().size() > path.front().dns_names().size();
  return has && std::ranges::any_of(path.subspan(1), x509::constrains_addresses);
}

bool is_constraint(int code) { return code == x509::kPermittedViolation || code == x509::kExcludedViolation || code == kBadConstraint; }

// What this stack passes over.
bool is_passed_over(const Policy& policy, std::span<const x509::Certificate> path, const x509::PathFault& fault, const Asked& asked) {
  const auto at = static_cast<std::size_t>(fault.depth);
  const bool anchor = at + 1 == path.size() && at > 0;
  if (std::ranges::find(policy.passed_over, fault.code) != policy.passed_over.end()) return true;
  if (ends_now(policy, path, fault, asked.time) || purpose_is_fine(policy, path, fault)) return true;
  if (policy.leaf_purpose_only && fault.code == x509::kInvalidPurpose && fault.depth > 0) return true;
  if (policy.purpose_with_name_alone && asked.host.empty() && fault.code == x509::kInvalidPurpose) return true;
  if (policy.common_extensions_known && fault.code == x509::kUnknownCritical && at < path.size() && x509::critical_ones_are_common(path[at]))
    return true;
  if (!policy.anchor_extensions_count && anchor && fault.code == x509::kUnknownCritical) return true;
  if (!policy.anchor_length_counts && anchor && fault.code == x509::kPathTooLong) return true;
  if (!policy.address_constraints_known && is_constraint(fault.code) && binds_addresses(path)) return true;
  if (policy.constraints_bind_leaf_alone && fault.depth > 0 && is_constraint(fault.code)) return true;
  return policy.tolerance > 0 && fault.code == x509::kNotYetValid && at < path.size() &&
         path[at].valid_at((asked.time != 0 ? asked.time : std::time(nullptr)) + policy.tolerance);
}

// What only some stacks find.
void add_own(const Policy& policy, std::span<const x509::Certificate> path, const Asked& asked, std::vector<x509::PathFault>& out) {
  if (path.empty()) return;
  const int top = static_cast<int>(path.size()) - 1;
  if (policy.own_names && policy.names != Names::kUnchecked && !is_for(path.front(), asked.host, *policy.own_names))
    out.push_back({x509::kHostMismatch, 0});
  if (policy.self_issued_count) count_lengths(path, out);
  if (policy.root_says_authority && top > 0 && x509::is_version_3(path.back()) && !x509::basic_constraints(path.back()).present)
    out.push_back({x509::kInvalidAuthority, top});
  if (policy.anchor_may_sign && top > 0)
    if (const auto usage = x509::key_usage(path.back()); usage.present && !usage.signs_certificates) out.push_back({x509::kInvalidAuthority, top});
  if (policy.leaf_is_no_authority && x509::basic_constraints(path.front()).authority) out.push_back({x509::kInvalidAuthority, 0});
  if (policy.empty_usage_is_wrong && x509::extended_usage(path.front()) == x509::ExtendedUsage::kEmpty) out.push_back({x509::kInvalidAuthority, 0});
  if (!policy.address_constraints_known && binds_addresses(path)) out.push_back({kUnsupportedConstraint, 0});
  if (policy.wildcards_excluded && excluded_wildcard(path)) out.push_back({x509::kExcludedViolation, 0});
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!policy.other_constraints_known && i > 0 && x509::constrains_other_names(path[i]))
      out.push_back({x509::kUnknownCritical, static_cast<int>(i)});
    if ((x509::oddities_of(path[i]) & policy.refused) != 0) out.push_back({kNotParsed, static_cast<int>(i)});
    if (policy.issuers_say_authority && i > 0 && i + 1 < path.size() && !x509::basic_constraints(path[i]).authority)
      out.push_back({x509::kInvalidAuthority, static_cast<int>(i)});
    const bool counts = i > 0 || (policy.keys.leaf_counts && !(policy.keys.dsa_leaf && x509::key_of(path[i]).kind == x509::KeyKind::kDsa));
    if (counts && !is_fine(policy.keys, x509::key_of(path[i]))) out.push_back({x509::kLeafKeyTooWeak, static_cast<int>(i)});
  }
}

// What is left of the faults that OpenSSL's own checks find, and what this stack finds beside them.
void apply(const Policy& policy, std::span<const x509::Certificate> path, bool below, const Asked& asked, std::vector<x509::PathFault>& out) {
  add_own(policy, path, asked, out);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const int depth = static_cast<int>(i);
    if (!policy.knows_name_constraints && x509::has_critical_name_constraints(path[i])) out.push_back({x509::kUnknownCritical, depth});
    if (i > 0 && i + 1 < path.size() && policy.key_usage_is_needed && !x509::key_usage(path[i]).present) out.push_back({x509::kMayNotSign, depth});
  }
  if (!policy.key_usage_counts) drop_key_usage(out);
  const x509::PathStrength strength = x509::strength_of(path);
  std::erase_if(out, [&](const x509::PathFault& one) {
    return is_passed_over(policy, path, one, asked) || (policy.any_digest_is_fine && one.code == x509::kDigestTooWeak) ||
           (policy.sha1_is_fine && !strength.md5 && one.code == x509::kDigestTooWeak);
  });
  // Level 0 asks for no digest at all, and the signature below an anchor that is left out is not looked at; no stack goes so far.
  if ((policy.level == 0 || below) && !policy.any_digest_is_fine && (strength.md5 || (strength.sha1 && !policy.sha1_is_fine)))
    out.push_back({x509::kDigestTooWeak, 0});
}

std::vector<x509::PathFault> faults_of(const Policy& policy, std::span<const x509::Certificate> path, const Asked& asked) {
  const bool below = policy.anchor != AnchorCounts::kYes && path.size() > 1;
  const x509::Terms terms = terms_of(policy, asked);
  std::vector<x509::PathFault> out = x509::check_path(below ? path.first(path.size() - 1) : path, terms);
  if (below && policy.anchor == AnchorCounts::kItsNames)
    for (const x509::PathFault& one : x509::check_path(path, terms))
      if (is_constraint(one.code) || one.code == kNoVerdict) out.push_back(one);
  // It is taken for an anchor there, whose purpose is not looked at.
  if (below && path.size() > 2 && x509::extended_usage(path[path.size() - 2]) == x509::ExtendedUsage::kOthers)
    out.push_back({x509::kInvalidPurpose, static_cast<int>(path.size()) - 2});
  apply(policy, path, below, asked, out);
  return out;
}

void tell(const Policy& policy, const Trust& trust, const std::vector<x509::PathFault>& faults, Verdict& out) {
  const x509::PathFault fault = told(policy, faults);
  out.reason = fault.code == kNotParsed ? facts::Reason::kNotParsed : facts::reason_of_openssl(fault.code);
  out.native = trust.openssl_codes ? fault.code : 0;
  out.depth = fault.depth;
}

void adapt(Policy& policy, const Checks& checks) {
  policy.strict = checks.strict.value_or(policy.strict);
  if (checks.weak_is_fine) {
    policy.level = 0;
    policy.any_digest_is_fine = true;
    policy.keys = {};
  }
  if (checks.dates_are_ignored) policy.passed_over.insert(policy.passed_over.end(), {x509::kExpired, x509::kNotYetValid});
  if (!checks.purpose_is_ignored) return;
  policy.passed_over.push_back(x509::kInvalidPurpose);
  policy.empty_usage_is_wrong = false;
}

// OpenSSL and its kin: its own verification builds the path.
Verdict ask_openssl(const Policy& policy, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked) {
  const x509::Store store{trust.anchors, trust.rejected, trust.partial_chain, trust.prefers == Preference::kStore};
  x509::Terms terms = terms_of(policy, asked);
  if (policy.name_last) terms.host.clear();
  x509::ChainCheck check = x509::verify_chain(chain, store, terms);
  apply(policy, check.path, false, asked, check.faults);
  // The program looks at the name of a chain that its library accepted.
  if (policy.name_last && check.faults.empty())
    for (const x509::PathFault& one : x509::check_path(chain.first(1), terms_of(policy, asked)))
      if (one.code == x509::kHostMismatch || one.code == x509::kAddressMismatch) check.faults.push_back({x509::kHostMismatch, 0});
  Verdict out{facts::Reason::kAccepted, 0, 0, std::move(check.path)};
  if (!check.faults.empty()) tell(policy, trust, check.faults, out);
  return out;
}

}  // namespace

Verdict judge_chain_for(const Spec& spec, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked) {
  const Stack* row = find_stack(spec.name);
  Policy policy = row != nullptr && row->policy != nullptr ? row->policy(spec) : Policy{};
  adapt(policy, asked.checks);
  if (!trust.refusal.empty()) return {facts::Reason::kStoreRefused};
  if (trust.openssl_codes && !chain.empty()) return ask_openssl(policy, trust, chain, asked);
  SearchRules rules = policy.search;
  rules.time = asked.time;
  const std::vector<Path> paths = paths_to_anchors(trust, chain, rules);
  if (paths.empty()) {
    Verdict out = judge(trust, chain);
    // It follows other ways than this stack does.
    if (out.accepted()) out.reason = facts::Reason::kNoIssuer;
    return out;
  }
  std::optional<Verdict> refused;
  for (const Path& path : paths) {
    Verdict out{facts::Reason::kAccepted, 0, 0, path};
    const auto faults = faults_of(policy, path, asked);
    if (faults.empty()) return out;
    tell(policy, trust, faults, out);
    if (!refused) refused = std::move(out);
  }
  return *refused;
}

}  // namespace tlswhy::stacks
