#pragma once
// What a certificate says in its extensions and of its key, where stacks differ in what they make of it (RFC 5280 §4.2).

#include <optional>
#include <string>
#include <vector>

#include "x509/certificate.h"

namespace tlswhy::x509 {

// extKeyUsage: nothing, an empty list, or whether TLS servers (or anything) are in it.
enum class ExtendedUsage { kAbsent, kEmpty, kServers, kOthers };
ExtendedUsage extended_usage(const Certificate& certificate);

struct BasicConstraints {
  bool present = false, authority = false;
  std::optional<long> path_length = {};
};
BasicConstraints basic_constraints(const Certificate& certificate);
// keyUsage: whether it is there, and whether it allows to sign certificates.
struct KeyUsage {
  bool present = false, signs_certificates = false;
};
KeyUsage key_usage(const Certificate& certificate);

// X.509 version 3, the only one with extensions.
bool is_version_3(const Certificate& certificate);

// nameConstraints with kinds of names other than DNS names, addresses, mail addresses and URIs, in a critical extension.
bool constrains_other_names(const Certificate& certificate);
// nameConstraints with addresses.
bool constrains_addresses(const Certificate& certificate);
// policyConstraints, inhibitAnyPolicy or policyMappings, which no model looks at.
bool constrains_policies(const Certificate& certificate);
// DNS names that nameConstraints exclude.
std::vector<std::string> excluded_names(const Certificate& certificate);
// Its commonNames.
std::vector<std::string> common_names(const Certificate& certificate);

// What only strict readers refuse, as bits of a set.
enum Oddity : unsigned {
  kNegativeSerial = 1,
  kEmptyConstraints = 2,       // nameConstraints without any
  kUnreadableAccess = 4,       // authorityInfoAccess
  kCriticalKeyIdentifier = 8,  // subjectKeyIdentifier
  kUnnamedAuthority = 16,      // an empty subject
  kRepeatedExtension = 32,
  kUnderscore = 64,    // in a DNS name
  kUnnamedLeaf = 128,  // an empty subject, and subjectAltName not critical
};
unsigned oddities_of(const Certificate& certificate);
// Whether its critical extensions are OpenSSL's, key identifiers and authorityInfoAccess.
bool critical_ones_are_common(const Certificate& certificate);

enum class KeyKind { kOther, kRsa, kDsa, kP192, kP256, kP384, kP521, kOtherCurve };
struct Key {
  KeyKind kind = KeyKind::kOther;
  int bits = 0;
  bool named = true;  // false for a curve that is spelled out
};
Key key_of(const Certificate& certificate);

}  // namespace tlswhy::x509
