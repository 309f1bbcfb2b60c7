#include "x509/pkcs12.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <climits>
#include <memory>

namespace tlswhy::x509 {
namespace {

void take_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, std::vector<Certificate>& out) {
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
    const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, i);
    if (PKCS12_SAFEBAG_get_nid(bag) != NID_certBag || PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) continue;
    const std::unique_ptr<X509, decltype(&X509_free)> one(PKCS12_SAFEBAG_get1_cert(bag), X509_free);
    unsigned char* encoded = nullptr;
    const int size = one ? i2d_X509(one.get(), &encoded) : 0;
    if (size <= 0) continue;
    if (auto certificate = Certificate::parse({encoded, static_cast<std::size_t>(size)})) out.push_back(std::move(*certificate));
    OPENSSL_free(encoded);
  }
}

// A hostile count would keep us busy for hours; keytool writes 10,000.
constexpr long kMaxIterations = 1'000'000;

// How often the password is hashed: by PBES2 with PBKDF2 (RFC 8018 §A.4), or by the older schemes (RFC 7292 §C). LONG_MAX
// for what can't be told.
long iterations(const X509_ALGOR* algorithm) {
  const ASN1_INTEGER* count = nullptr;
  std::unique_ptr<PBE2PARAM, decltype(&PBE2PARAM_free)> modern(nullptr, PBE2PARAM_free);
  std::unique_ptr<PBKDF2PARAM, decltype(&PBKDF2PARAM_free)> function(nullptr, PBKDF2PARAM_free);
  std::unique_ptr<PBEPARAM, decltype(&PBEPARAM_free)> old(nullptr, PBEPARAM_free);
  if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
    modern.reset(static_cast<PBE2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter)));
    if (modern && OBJ_obj2nid(modern->keyfunc->algorithm) == NID_id_pbkdf2)
      function.reset(static_cast<PBKDF2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), modern->keyfunc->parameter)));
    if (function) count = function->iter;
  } else {
    old.reset(static_cast<PBEPARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter)));
    if (old) count = old->iter;
  }
  std::int64_t value = 0;
  return count != nullptr && ASN1_INTEGER_get_int64(&value, count) == 1 && value >= 0 ? value : LONG_MAX;
}

void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) { sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free); }
void free_safes(STACK_OF(PKCS7) * safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }

}  // namespace

base::Result<std::vector<Certificate>> read_pkcs12(bytes::View der, const std::string& password) {
  const unsigned char* at = der.data();
  const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> store(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())), PKCS12_free);
  const std::unique_ptr<STACK_OF(PKCS7), decltype(&free_safes)> safes(store ? PKCS12_unpack_authsafes(store.get()) : nullptr, free_safes);
  std::vector<Certificate> out;
  for (int i = 0; safes && i < sk_PKCS7_num(safes.get()); ++i) {
    PKCS7* safe = sk_PKCS7_value(safes.get(), i);
    STACK_OF(PKCS12_SAFEBAG)* bags = nullptr;
    if (PKCS7_type_is_data(safe))
      bags = PKCS12_unpack_p7data(safe);
    else if (!password.empty() && PKCS7_type_is_encrypted(safe) && iterations(safe->d.encrypted->enc_data->algorithm) <= kMaxIterations)
      bags = PKCS12_unpack_p7encdata(safe, password.c_str(), static_cast<int>(password.size()));
    const std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), decltype(&free_bags)> owned(bags, free_bags);
    if (bags != nullptr) take_bags(bags, out);
  }
  ERR_clear_error();
  if (!safes) return base::fail(base::Code::kMalformed, "neither JKS nor PKCS #12", "keystore");
  return out;
}

}  // namespace tlswhy::x509
