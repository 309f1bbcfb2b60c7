#include "x509/extensions.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/text.h"
#include "x509/decoded.h"

namespace tlswhy::x509 {
namespace {

KeyKind kind_of_curve(const std::string& name) {
  if (name == "prime192v1" || name == "secp192r1" || name == "P-192") return KeyKind::kP192;
  if (name == "prime256v1" || name == "P-256") return KeyKind::kP256;
  if (name == "secp384r1" || name == "P-384") return KeyKind::kP384;
  if (name == "secp521r1" || name == "P-521") return KeyKind::kP521;
  return KeyKind::kOtherCurve;
}

}  // namespace

ExtendedUsage extended_usage(const Certificate& certificate) {
  const auto all = extension<EXTENDED_KEY_USAGE, &EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage);
  if (!all) return ExtendedUsage::kAbsent;
  if (sk_ASN1_OBJECT_num(all.get()) == 0) return ExtendedUsage::kEmpty;
  for (int i = 0; i < sk_ASN1_OBJECT_num(all.get()); ++i)
    if (const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(all.get(), i)); nid == NID_server_auth || nid == NID_anyExtendedKeyUsage)
      return ExtendedUsage::kServers;
  return ExtendedUsage::kOthers;
}

BasicConstraints basic_constraints(const Certificate& certificate) {
  const auto found = extension<BASIC_CONSTRAINTS, &BASIC_CONSTRAINTS_free>(certificate, NID_basic_constraints);
  if (!found) return {};
  BasicConstraints out{true, found->ca != 0};
  if (found->pathlen != nullptr) out.path_length = ASN1_INTEGER_get(found->pathlen);
  return out;
}

KeyUsage key_usage(const Certificate& certificate) {
  const auto bits = extension<ASN1_BIT_STRING, &ASN1_BIT_STRING_free>(certificate, NID_key_usage);
  constexpr int kKeyCertSign = 5;  // RFC 5280 §4.2.1.3
  return {bits != nullptr, bits && ASN1_BIT_STRING_get_bit(bits.get(), kKeyCertSign) == 1};
}

bool is_version_3(const Certificate& certificate) { return X509_get_version(certificate.handle()) == X509_VERSION_3; }

namespace {

template <typename Wanted>
bool any_constraint(const Certificate& certificate, Wanted wanted) {
  const auto found = extension<NAME_CONSTRAINTS, &NAME_CONSTRAINTS_free>(certificate, NID_name_constraints);
  if (!found) return false;
  for (const STACK_OF(GENERAL_SUBTREE) * trees : {found->permittedSubtrees, found->excludedSubtrees})
    for (int i = 0; trees != nullptr && i < sk_GENERAL_SUBTREE_num(trees); ++i)
      if (wanted(sk_GENERAL_SUBTREE_value(trees, i)->base->type)) return true;
  return false;
}

}  // namespace

bool constrains_other_names(const Certificate& certificate) {
  const int at = X509_get_ext_by_NID(certificate.handle(), NID_name_constraints, -1);
  if (at < 0 || X509_EXTENSION_get_critical(X509_get_ext(certificate.handle(), at)) != 1) return false;
  return any_constraint(certificate, [](int type) { return type != GEN_DNS && type != GEN_IPADD && type != GEN_EMAIL && type != GEN_URI; });
}

bool constrains_addresses(const Certificate& certificate) {
  return any_constraint(certificate, [](int type) { return type == GEN_IPADD; });
}

std::vector<std::string> excluded_names(const Certificate& certificate) {
  std::vector<std::string> out;
  const auto found = extension<NAME_CONSTRAINTS, &NAME_CONSTRAINTS_free>(certificate, NID_name_constraints);
  for (int i = 0; found && found->excludedSubtrees != nullptr && i < sk_GENERAL_SUBTREE_num(found->excludedSubtrees); ++i)
    if (const GENERAL_NAME* name = sk_GENERAL_SUBTREE_value(found->excludedSubtrees, i)->base; name->type == GEN_DNS)
      out.push_back(text_of(name->d.dNSName));
  return out;
}

std::vector<std::string> common_names(const Certificate& certificate) {
  std::vector<std::string> out;
  const X509_NAME* subject = X509_get_subject_name(certificate.handle());
  for (int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0; at = X509_NAME_get_index_by_NID(subject, NID_commonName, at))
    out.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return out;
}

namespace {

bool repeats_extensions(const x509_st* certificate) {
  for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
    const ASN1_OBJECT* object = X509_EXTENSION_get_object(X509_get_ext(certificate, i));
    if (X509_get_ext_by_OBJ(certificate, object, i) >= 0) return true;
  }
  return false;
}

bool is_critical(const x509_st* certificate, int nid) {
  const int at = X509_get_ext_by_NID(certificate, nid, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, at)) == 1;
}

bool has(const x509_st* certificate, int nid) { return X509_get_ext_by_NID(certificate, nid, -1) >= 0; }

}  // namespace

bool constrains_policies(const Certificate& certificate) {
  const x509_st* handle = certificate.handle();
  return has(handle, NID_policy_constraints) || has(handle, NID_inhibit_any_policy) || has(handle, NID_policy_mappings);
}

unsigned oddities_of(const Certificate& certificate) {
  const x509_st* handle = certificate.handle();
  const bool unnamed = X509_NAME_entry_count(X509_get_subject_name(handle)) == 0;
  unsigned out = 0;
  if (ASN1_STRING_type(X509_get0_serialNumber(handle)) == V_ASN1_NEG_INTEGER) out |= kNegativeSerial;
  if (has(handle, NID_name_constraints) && !any_constraint(certificate, [](int) { return true; })) out |= kEmptyConstraints;
  if (has(handle, NID_info_access) && !extension<AUTHORITY_INFO_ACCESS, &AUTHORITY_INFO_ACCESS_free>(certificate, NID_info_access))
    out |= kUnreadableAccess;
  if (is_critical(handle, NID_subject_key_identifier)) out |= kCriticalKeyIdentifier;
  if (unnamed && basic_constraints(certificate).authority) out |= kUnnamedAuthority;
  if (repeats_extensions(handle)) out |= kRepeatedExtension;
  if (std::ranges::any_of(certificate.dns_names(), [](const std::string& name) { return name.contains('_'); })) out |= kUnderscore;
  if (unnamed && has(handle, NID_subject_alt_name) && !is_critical(handle, NID_subject_alt_name)) out |= kUnnamedLeaf;
  return out;
}

bool critical_ones_are_common(const Certificate& certificate) {
  const x509_st* handle = certificate.handle();
  for (int i = 0; i < X509_get_ext_count(handle); ++i) {
    X509_EXTENSION* one = X509_get_ext(handle, i);
    if (X509_EXTENSION_get_critical(one) != 1 || X509_supported_extension(one) == 1) continue;
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(one));
    if (nid != NID_authority_key_identifier && nid != NID_subject_key_identifier && nid != NID_info_access) return false;
  }
  return true;
}

Key key_of(const Certificate& certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate.handle());
  ERR_clear_error();
  if (key == nullptr) return {};
  Key out{KeyKind::kOther, EVP_PKEY_bits(key)};
  switch (EVP_PKEY_base_id(key)) {
    case EVP_PKEY_RSA: out.kind = KeyKind::kRsa; break;
    case EVP_PKEY_DSA: out.kind = KeyKind::kDsa; break;
    case EVP_PKEY_EC: {
      std::array<char, 80> name{};
      std::size_t size = 0;
      int explicitly = 0;
      if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1) out.kind = kind_of_curve({name.data(), size});
      EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicitly);
      out.named = explicitly == 0;
      break;
    }
    default: break;
  }
  ERR_clear_error();
  return out;
}

}  // namespace tlswhy::x509
