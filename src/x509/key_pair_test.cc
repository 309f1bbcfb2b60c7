#include "x509/key_pair.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace tlswhy::x509 {
namespace {

bytes::View view(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// A key and a certificate of it, as PEM.
struct Pair {
  std::string certificate, key, closed_key;
  Pair() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> made(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> signed_one(X509_new(), X509_free);
    X509_gmtime_adj(X509_getm_notBefore(signed_one.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(signed_one.get()), 3600);
    X509_set_pubkey(signed_one.get(), made.get());
    X509_sign(signed_one.get(), made.get(), EVP_sha256());
    certificate = written([&](BIO* out) { PEM_write_bio_X509(out, signed_one.get()); });
    key = written([&](BIO* out) { PEM_write_bio_PrivateKey(out, made.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    closed_key = written([&](BIO* out) {
      PEM_write_bio_PrivateKey(out, made.get(), EVP_aes_128_cbc(), reinterpret_cast<const unsigned char*>("secret"), 6, nullptr, nullptr);
    });
  }
  template <typename Write>
  static std::string written(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
    write(out.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

TEST(KeyPair, BelongTogetherOrNot) {
  const Pair one, other;
  EXPECT_EQ(compare_key(view(one.certificate), view(one.key)), KeyPair::kMatch);
  EXPECT_EQ(compare_key(view(one.certificate), view(other.key)), KeyPair::kDiffer);
  const std::string both = one.certificate + one.key;
  EXPECT_EQ(compare_key(view(both), view(both)), KeyPair::kMatch);
  EXPECT_EQ(compare_key(view(one.certificate), view(one.closed_key)), KeyPair::kEncryptedKey);
}

TEST(KeyPair, WhatIsNoCertificateOrNoKey) {
  const Pair one;
  EXPECT_EQ(compare_key(view("nothing"), view(one.key)), KeyPair::kNoCertificate);
  EXPECT_EQ(compare_key(view(one.certificate), view(one.certificate)), KeyPair::kNoKey);
  EXPECT_EQ(compare_key({}, {}), KeyPair::kNoCertificate);
}

}  // namespace
}  // namespace tlswhy::x509
