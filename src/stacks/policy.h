#pragma once
// What a stack asks of a path beyond issuers; checked against the real ones by tests/matrix/policy.py.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stacks/path_search.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {

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
  bool name_last = false;            // asked by the program, once its library has accepted the chain
  bool last_fault = false;           // the program hears of the last failed check, not the first
  bool key_usage_is_needed = false;  // an issuer that says nothing of it may not sign
  bool knows_name_constraints = true;
  Names names = Names::kWithCommonName;
  AnchorCounts anchor = AnchorCounts::kYes;
  std::vector<int> passed_over = {};  // checks that it does not make
  SearchRules search = {};            // for those that build paths by themselves
};

struct Asked {
  std::string host;       // the name that it connects to, "" to leave that out
  std::int64_t time = 0;  // seconds since 1970; 0: now
};

// What the stack makes of `chain`, as judge(), and of its dates, purposes, names and algorithms too.
Verdict judge_chain_for(const Spec& spec, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked);

}  // namespace tlswhy::stacks
