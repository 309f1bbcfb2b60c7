#include "x509/readable.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "base/text.h"
#include "x509/decoded.h"
#include "x509/extensions.h"

namespace tlswhy::x509 {
namespace {

constexpr std::size_t kMostListed = 100;

std::string hex(const ASN1_STRING* from) {
  return from == nullptr ? "" : base::hex({ASN1_STRING_get0_data(from), static_cast<std::size_t>(ASN1_STRING_length(from))});
}

// RFC 5280 §4.2.1.3, bit 0 first.
std::vector<std::string> key_usages(const Certificate& certificate) {
  constexpr std::array<const char*, 9> kNames{"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
                                              "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly"};
  const auto bits = extension<ASN1_BIT_STRING, &ASN1_BIT_STRING_free>(certificate, NID_key_usage);
  std::vector<std::string> out;
  for (std::size_t i = 0; bits && i < kNames.size(); ++i)
    if (ASN1_BIT_STRING_get_bit(bits.get(), static_cast<int>(i)) != 0) out.emplace_back(kNames[i]);
  return out;
}

std::vector<std::string> purposes_of(const Certificate& certificate) {
  const auto all = extension<EXTENDED_KEY_USAGE, &EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage);
  std::vector<std::string> out;
  for (int i = 0; all && i < sk_ASN1_OBJECT_num(all.get()) && out.size() < kMostListed; ++i) {
    std::array<char, 80> name{};
    const ASN1_OBJECT* purpose = sk_ASN1_OBJECT_value(all.get(), i);
    const int nid = OBJ_obj2nid(purpose);
    if (nid == NID_undef) OBJ_obj2txt(name.data(), static_cast<int>(name.size()), purpose, 1);
    out.emplace_back(nid == NID_undef ? name.data() : OBJ_nid2sn(nid));
  }
  return out;
}

std::string name_text(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS: return "DNS:" + text_of(name->d.dNSName);
    case GEN_EMAIL: return "email:" + text_of(name->d.rfc822Name);
    case GEN_URI: return "URI:" + text_of(name->d.uniformResourceIdentifier);
    case GEN_IPADD: return "IP:" + hex(name->d.iPAddress);
    default: return "another kind of name";
  }
}

void add_names(const GENERAL_NAMES* names, std::vector<std::string>& out) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && out.size() < kMostListed; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_URI) out.push_back(text_of(name->d.uniformResourceIdentifier));
  }
}

std::vector<std::string> constraints_of(const Certificate& certificate) {
  const auto all = extension<NAME_CONSTRAINTS, &NAME_CONSTRAINTS_free>(certificate, NID_name_constraints);
  std::vector<std::string> out;
  if (!all) return out;
  for (const auto& [word, subtrees] : {std::pair{"permitted", all->permittedSubtrees}, std::pair{"excluded", all->excludedSubtrees}})
    for (int i = 0; subtrees != nullptr && i < sk_GENERAL_SUBTREE_num(subtrees) && out.size() < kMostListed; ++i)
      out.push_back(fmt::format("{} {}", word, name_text(sk_GENERAL_SUBTREE_value(subtrees, i)->base)));
  return out;
}

std::vector<std::string> revocation_of(const Certificate& certificate) {
  std::vector<std::string> out;
  const auto points = extension<CRL_DIST_POINTS, &CRL_DIST_POINTS_free>(certificate, NID_crl_distribution_points);
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint != nullptr && point->distpoint->type == 0) add_names(point->distpoint->name.fullname, out);
  }
  const auto access = extension<AUTHORITY_INFO_ACCESS, &AUTHORITY_INFO_ACCESS_free>(certificate, NID_info_access);
  for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()) && out.size() < kMostListed; ++i) {
    const ACCESS_DESCRIPTION* one = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(one->method) == NID_ad_OCSP && one->location->type == GEN_URI) out.push_back(text_of(one->location->d.uniformResourceIdentifier));
  }
  return out;
}

bool must_staple(const Certificate& certificate) {
  constexpr long kStatusRequest = 5;  // RFC 6066 §8
  const auto all = extension<TLS_FEATURE, &TLS_FEATURE_free>(certificate, NID_tlsfeature);
  for (int i = 0; all && i < sk_ASN1_INTEGER_num(all.get()); ++i)
    if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(all.get(), i)) == kStatusRequest) return true;
  return false;
}

std::vector<std::string> oddities_in(const Certificate& certificate) {
  constexpr std::array<std::pair<Oddity, const char*>, 8> kWords{{{kNegativeSerial, "a negative serial number"},
                                                                  {kEmptyConstraints, "name constraints without any name"},
                                                                  {kUnreadableAccess, "an authorityInfoAccess that can't be read"},
                                                                  {kCriticalKeyIdentifier, "a subjectKeyIdentifier marked as critical"},
                                                                  {kUnnamedAuthority, "an authority without a name"},
                                                                  {kRepeatedExtension, "an extension that is there twice"},
                                                                  {kUnderscore, "an underscore in a DNS name"},
                                                                  {kUnnamedLeaf, "no subject, and alternative names that are not critical"}}};
  const unsigned all = oddities_of(certificate);
  std::vector<std::string> out;
  for (const auto& [bit, word] : kWords)
    if ((all & bit) != 0) out.emplace_back(word);
  return out;
}

std::string key_text(const Certificate& certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate.handle());
  if (key == nullptr) return ERR_clear_error(), "";
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 && size > 0) return fmt::format("EC {}", group.data());
  ERR_clear_error();
  const char* name = EVP_PKEY_get0_type_name(key);
  return fmt::format("{} {}", name != nullptr ? name : "key of", EVP_PKEY_get_bits(key));
}

}  // namespace

Readable readable(const Certificate& certificate) {
  const X509* handle = certificate.handle();
  const int signature = X509_get_signature_nid(handle);
  Readable out{hex(X509_get0_subject_key_id(certificate.handle())),
               hex(X509_get0_authority_key_id(certificate.handle())),
               key_text(certificate),
               signature == NID_undef ? "" : OBJ_nid2ln(signature),
               key_usages(certificate),
               purposes_of(certificate),
               constraints_of(certificate),
               revocation_of(certificate),
               oddities_in(certificate),
               must_staple(certificate)};
  ERR_clear_error();
  return out;
}

}  // namespace tlswhy::x509
