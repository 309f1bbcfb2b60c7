#include "stacks/policy.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

enum class Names { kUnchecked, kWithCommonName, kAlternativeOnly };
// Whether the anchor's own dates, path length and name constraints count, too.
enum class AnchorCounts { kYes, kNo, kItsNames };

struct Policy {
  int level = 2;        // OpenSSL's security level
  bool strict = false;  // X509_V_FLAG_X509_STRICT
  bool sha1_is_fine = false;
  bool leaf_purpose_only = false;
  bool key_usage_counts = true;
  bool any_digest_is_fine = false;
  bool issuer_must_sign = false;     // one that may not sign is no issuer at all
  bool digests_are_unknown = false;  // a weak one makes a bad signature
  bool last_fault = false;           // the program hears of the last failed check, not the first
  bool key_usage_is_needed = false;  // an issuer that says nothing of it may not sign
  bool knows_name_constraints = true;
  Names names = Names::kWithCommonName;
  AnchorCounts anchor = AnchorCounts::kYes;
  std::vector<int> passed_over = {};  // checks that it does not make
};

// RFC 5280 has the checks; these are stacks that leave some out (GnuTLS lib/x509/verify.c, Go crypto/x509/verify.go, Java's
// sun.security.provider.certpath, rustls-webpki src/verify_cert.rs, BoringSSL's x509_vfy.cc, mbedTLS library/x509_crt.c, wolfSSL's asn.c).
const Policy kGnuTls{.level = 0};
const Policy kGnuTlsWithoutPurpose{.level = 0, .passed_over = {x509::kInvalidPurpose}};
const Policy kGo{.level = 0, .names = Names::kAlternativeOnly};
const Policy kJava{.level = 0, .sha1_is_fine = true, .leaf_purpose_only = true, .anchor = AnchorCounts::kNo};
const Policy kWebpki{.level = 2, .key_usage_counts = false, .names = Names::kAlternativeOnly, .anchor = AnchorCounts::kItsNames};
const Policy kBoringSsl{.level = 0, .sha1_is_fine = true, .issuer_must_sign = true, .digests_are_unknown = true, .passed_over = {x509::kPathTooLong}};
const Policy kNss{.level = 0, .sha1_is_fine = true, .leaf_purpose_only = true};
const Policy kMbedTls{.leaf_purpose_only = true, .knows_name_constraints = false};
const Policy kWolfSsl{.level = 0,
                      .leaf_purpose_only = true,
                      .any_digest_is_fine = true,
                      .key_usage_is_needed = true,
                      .names = Names::kUnchecked,
                      .passed_over = {x509::kPathTooLong}};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> all) { return std::ranges::find(all, name) != all.end(); }

// 2 since 3.2, before that 1; Debian builds 3.x with 2; Python asks for 2 since 3.10 (Modules/_ssl.c).
int level_of(const Spec& spec) {
  if (spec.name == "node") return Spec::at_least(spec.version, "24") ? 2 : 1;  // src/crypto/crypto_context.cc
  if (spec.name == "dotnet") return 0;                                         // it verifies apart from the connection, whose level does not count
  const bool debian = !spec.own_directory && Spec::at_least(spec.openssl, "3.0");
  if (debian || Spec::at_least(spec.openssl, "3.2")) return 2;
  return is_one_of(spec.name, {"python", "requests", "httpx"}) && Spec::at_least(spec.version, "3.10") ? 2 : 1;
}

Policy boringssl_policy(const Spec& spec) {
  Policy out = kBoringSsl;
  if (spec.name == "boringssl") out.names = Names::kUnchecked, out.any_digest_is_fine = true;  // the library alone, of Android 13
  if (spec.name != "bun") return out;
  out.last_fault = true;
  if (!Spec::at_least(spec.version, "1.3")) out.names = Names::kAlternativeOnly;
  if (Spec::at_least(spec.version, "1.4")) out.passed_over.clear();
  return out;
}

Policy openssl_policy(const Spec& spec) {
  Policy out;
  out.level = level_of(spec);
  out.sha1_is_fine = out.level <= 1 && !Spec::at_least(spec.openssl, "3.0");  // 80 bits to 1.1.1, 63 since (crypto/x509/x509_set.c)
  out.strict = is_one_of(spec.name, {"python", "httpx"}) && Spec::at_least(spec.version, "3.13") && !spec.version.empty();
  out.last_fault = spec.name == "node";
  if (is_one_of(spec.name, {"openssl", "libpq", "mysql"})) out.names = Names::kUnchecked;
  if (is_one_of(spec.name, {"requests", "urllib3"})) out.names = Names::kAlternativeOnly;  // hostname_checks_common_name, since urllib3 2
  if (Spec::at_least(spec.openssl, "1.1.1")) return out;
  out.issuer_must_sign = true;
  out.passed_over.push_back(x509::kPathTooLong);
  if (Spec::at_least(spec.openssl, "1.1")) return out;
  out.level = 0, out.any_digest_is_fine = true;  // 1.0.2 knows no security level
  return out;
}

Policy policy_of(const Spec& spec) {
  if (spec.name == "mbedtls") return kMbedTls;
  if (spec.name == "wolfssl") return kWolfSsl;
  if (is_one_of(spec.name, {"gnutls", "p11-kit"})) return kGnuTls;
  if (is_one_of(spec.name, {"wget", "git", "libcurl-gnutls"})) return kGnuTlsWithoutPurpose;
  if (spec.name == "go") return kGo;
  if (spec.name == "java") return kJava;
  if (spec.name == "nss") return kNss;
  if (is_one_of(spec.name, {"deno", "uv", "rustls-native-certs", "rustls-platform-verifier", "webpki-roots"})) return kWebpki;
  if (is_one_of(spec.name, {"bun", "boringssl", "aws-lc", "grpc", "s2n"})) return boringssl_policy(spec);
  Policy out = openssl_policy(spec);
  out.any_digest_is_fine = out.any_digest_is_fine || spec.name == "dotnet";
  return out;
}

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
  const Policy policy = policy_of(spec);
  if (out.reason == facts::Reason::kStoreRefused) return out;
  if (!out.accepted()) {
    if (leaf_is_too_weak(policy, trust, chain)) out = {facts::Reason::kWeak, x509::kLeafKeyTooWeak, 0, std::move(out.path)};
    return out;
  }
  const auto faults = faults_of(policy, out.path, asked);
  if (faults.empty()) return out;
  const x509::PathFault fault = told(policy, faults);
  out.reason = reason_of_openssl(fault.code);
  out.native = trust.openssl_codes ? fault.code : 0;
  out.depth = fault.depth;
  return out;
}

}  // namespace tlswhy::stacks
