#include "stacks/policy.h"

#include <algorithm>
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

// Asked for before a path is built (x509_vfy.c, X509_verify_cert).
bool leaf_is_too_weak(const Policy& policy, const Trust& trust, std::span<const x509::Certificate> chain) {
  const int bits = chain.empty() ? 0 : x509::strength_of(chain.first(1)).smallest_rsa, wanted = policy.level >= 2   ? 2048
                                                                                                : policy.level == 1 ? 1024
                                                                                                                    : 0;
  return trust.openssl_codes && !policy.last_fault && bits > 0 && bits < wanted;
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

std::vector<x509::PathFault> faults_of(const Policy& policy, std::span<const x509::Certificate> path, const Asked& asked) {
  const bool below = policy.anchor != AnchorCounts::kYes && path.size() > 1;
  x509::PathRequest request{below ? path.first(path.size() - 1) : path,
                            policy.names == Names::kUnchecked ? "" : asked.host,
                            policy.names == Names::kWithCommonName,
                            policy.strict,
                            policy.level,
                            asked.time};
  std::vector<x509::PathFault> out = x509::check_path(request);
  if (below && policy.anchor == AnchorCounts::kItsNames) {
    request.path = path;
    for (const x509::PathFault& one : x509::check_path(request))
      if (one.code == x509::kPermittedViolation || one.code == x509::kExcludedViolation) out.push_back(one);
  }
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
  return out;
}

}  // namespace

Verdict judge_chain_for(const Spec& spec, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked) {
  Verdict out = judge(trust, chain);
  const Stack* row = find_stack(spec.name);
  const Policy policy = row != nullptr && row->policy != nullptr ? row->policy(spec) : Policy{};
  if (out.reason == facts::Reason::kStoreRefused) return out;
  if (!out.accepted()) {
    if (leaf_is_too_weak(policy, trust, chain)) out = {facts::Reason::kWeak, x509::kLeafKeyTooWeak, 0, std::move(out.path)};
    return out;
  }
  const auto faults = faults_of(policy, out.path, asked);
  if (faults.empty()) return out;
  const x509::PathFault fault = told(policy, faults);
  out.reason = facts::reason_of_openssl(fault.code);
  out.native = trust.openssl_codes ? fault.code : 0;
  out.depth = fault.depth;
  return out;
}

}  // namespace tlswhy::stacks
