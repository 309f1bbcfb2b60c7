#include "stacks/policy.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "facts/reasons.h"
#include "stacks/stack.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

// The check that the program hears of.
x509::PathFault told(const Policy& policy, const std::vector<x509::PathFault>& faults) {
  constexpr int kNoIssuer = 20, kBadSignature = 7;
  x509::PathFault out = policy.last_fault ? faults.back() : faults.front();
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
  return {policy.names == Names::kUnchecked ? "" : asked.host, policy.names == Names::kWithCommonName, policy.strict, policy.level, asked.time};
}

// What is left of the faults that OpenSSL's own checks find, and what this stack finds beside them.
void apply(const Policy& policy, std::span<const x509::Certificate> path, bool below, std::vector<x509::PathFault>& out) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const int depth = static_cast<int>(i);
    if (!policy.knows_name_constraints && x509::has_critical_name_constraints(path[i])) out.push_back({x509::kUnknownCritical, depth});
    if (i > 0 && policy.key_usage_is_needed && !x509::says_key_usage(path[i])) out.push_back({x509::kMayNotSign, depth});
  }
  if (!policy.key_usage_counts) drop_key_usage(out);
  const x509::PathStrength strength = x509::strength_of(path);
  std::erase_if(out, [&](const x509::PathFault& one) {
    return std::ranges::find(policy.passed_over, one.code) != policy.passed_over.end() ||
           (policy.leaf_purpose_only && one.code == x509::kInvalidPurpose && one.depth > 0) ||
           (policy.any_digest_is_fine && one.code == x509::kDigestTooWeak) ||
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
      if (one.code == x509::kPermittedViolation || one.code == x509::kExcludedViolation) out.push_back(one);
  apply(policy, path, below, out);
  return out;
}

void tell(const Policy& policy, const Trust& trust, const std::vector<x509::PathFault>& faults, Verdict& out) {
  const x509::PathFault fault = told(policy, faults);
  out.reason = facts::reason_of_openssl(fault.code);
  out.native = trust.openssl_codes ? fault.code : 0;
  out.depth = fault.depth;
}

// OpenSSL and its kin: its own verification builds the path.
Verdict ask_openssl(const Policy& policy, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked) {
  const x509::Store store{trust.anchors, trust.rejected, trust.partial_chain, trust.prefers == Preference::kStore};
  x509::Terms terms = terms_of(policy, asked);
  if (policy.name_last) terms.host.clear();
  x509::ChainCheck check = x509::verify_chain(chain, store, terms);
  apply(policy, check.path, false, check.faults);
  // The program looks at the name of a chain that its library accepted.
  if (policy.name_last && check.faults.empty())
    for (const x509::PathFault& one : x509::check_path(chain.first(1), terms_of(policy, asked)))
      if (one.code == x509::kHostMismatch || one.code == x509::kAddressMismatch) check.faults.push_back(one);
  Verdict out{facts::Reason::kAccepted, 0, 0, std::move(check.path)};
  if (!check.faults.empty()) tell(policy, trust, check.faults, out);
  return out;
}

}  // namespace

Verdict judge_chain_for(const Spec& spec, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked) {
  const Stack* row = find_stack(spec.name);
  const Policy policy = row != nullptr && row->policy != nullptr ? row->policy(spec) : Policy{};
  if (!trust.refusal.empty()) return {facts::Reason::kStoreRefused};
  if (trust.openssl_codes && !chain.empty()) return ask_openssl(policy, trust, chain, asked);
  const std::vector<Path> paths = paths_to_anchors(trust, chain, policy.search);
  if (paths.empty()) return judge(trust, chain);
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
