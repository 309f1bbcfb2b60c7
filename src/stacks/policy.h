#pragma once
// What a stack asks of a path beyond issuers; checked against the real ones by tests/matrix/policy.py.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stacks/name_match.h"
#include "stacks/path_search.h"
#include "stacks/trust.h"
#include "x509/extensions.h"

namespace tlswhy::stacks {

enum class Names { kUnchecked, kWithCommonName, kAlternativeOnly };
// Whether the anchor's own dates, path length and name constraints count, too.
enum class AnchorCounts { kYes, kNo, kItsNames };

// What makes a wrong purpose: all that OpenSSL looks at (key usage, Netscape's type, extended usage), or the extended usage alone.
enum class Purposes { kAsOpenSsl, kExtendedAlone };

// Keys that a stack can't verify a signature with, or does not want to.
struct KeyRules {
  bool dsa = true, dsa_leaf = false, p192 = true, p521 = true, other_curves = true, explicit_curves = true;  // fine
  int smallest_rsa = 0;
  bool leaf_counts = true;  // the leaf's own key, too
};

struct Policy {
  int level = 2;        // OpenSSL's security level
  bool strict = false;  // X509_V_FLAG_X509_STRICT
  bool sha1_is_fine = false;
  bool leaf_purpose_only = false;
  bool key_usage_counts = true;
  bool any_digest_is_fine = false;
  bool issuer_must_sign = false;     // one that may not sign is no issuer at all
  bool digests_are_unknown = false;  // a weak one makes a bad signature
  bool name_last = false;            // asked by the program, once its library has accepted the chain
  bool last_fault = false;           // the program hears of the last failed check, not the first
  bool key_usage_is_needed = false;  // an issuer that says nothing of it may not sign
  bool knows_name_constraints = true;
  Names names = Names::kWithCommonName;
  AnchorCounts anchor = AnchorCounts::kYes;
  bool part_of_label = false;               // "ba*.example.com" is a name, for OpenSSL and its kin
  std::optional<NameRules> own_names = {};  // a matcher of its own, instead of OpenSSL's
  bool end_counts = false;                  // a certificate is good in its last second still
  Purposes purposes = Purposes::kAsOpenSsl;
  bool self_issued_count = false;        // in a path's length (not so RFC 5280 §4.2.1.9)
  bool root_says_authority = false;      // a root of version 3 without basicConstraints is none
  bool other_constraints_known = true;   // directory names and the like in critical nameConstraints
  bool wildcards_excluded = false;       // an excluded name that a wildcard of the leaf could stand for
  bool issuers_say_authority = false;    // an issuer below the anchor has basicConstraints, whatever its key usage says
  bool empty_usage_is_wrong = false;     // an extKeyUsage without any
  bool anchor_extensions_count = true;   // critical ones that nobody knows
  bool anchor_may_sign = false;          // an anchor whose key usage does not allow to sign is refused
  bool common_extensions_known = false;  // critical key identifiers and authorityInfoAccess are fine
  bool purpose_with_name_alone = false;  // without a name no purpose is asked for
  unsigned refused = 0;                  // x509::Oddity
  bool anchor_length_counts = true;      // its pathLenConstraint
  bool address_constraints_known = true;
  bool constraints_bind_leaf_alone = false;
  std::int64_t tolerance = 0;         // seconds before notBefore in which a certificate is taken
  bool leaf_is_no_authority = false;  // a leaf that says it is an authority is refused
  KeyRules keys = {};
  std::vector<int> passed_over = {};  // checks that it does not make
  SearchRules search = {};            // for those that build paths by themselves
};

// X509_V_ERR_UNSPECIFIED: OpenSSL gives up on a check (more name constraints than it likes to compare).
inline constexpr int kNoVerdict = 1;
// No number of OpenSSL's: the stack can't read the certificate at all.
inline constexpr int kNotParsed = -1;

// Checks that are looked at otherwise than the stack does by itself.
struct Checks {
  std::optional<bool> strict;       // X509_V_FLAG_X509_STRICT, as the program was seen to ask for it
  bool weak_is_fine = false;        // keys and digests
  bool purpose_is_ignored = false;  // what a certificate is for
  bool dates_are_ignored = false;
};

struct Asked {
  std::string host;       // the name that it connects to, "" to leave that out
  std::int64_t time = 0;  // seconds since 1970; 0: now
  Checks checks = {};
};

// What the stack makes of `chain`, as judge(), and of its dates, purposes, names and algorithms too.
Verdict judge_chain_for(const Spec& spec, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked);

}  // namespace tlswhy::stacks
