#include "x509/tls_crypto.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <array>
#include <memory>
#include <string>

namespace tlswhy::x509 {

using base::Code;
using base::fail;
using base::Result;
using bytes::View;

namespace {

using Kdf = std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const char* hash_name(Hash hash) { return hash == Hash::kSha384 ? "SHA384" : "SHA256"; }

OSSL_PARAM octets(const char* name, View data) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(data.data()), data.size());
}

Result<Octets> derive(const char* algorithm, const OSSL_PARAM* parameters, std::size_t size) {
  const Kdf kdf(EVP_KDF_fetch(nullptr, algorithm, nullptr), EVP_KDF_free);
  const KdfContext context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr, EVP_KDF_CTX_free);
  Octets out(size);
  if (!context || EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) != 1) {
    ERR_clear_error();
    return fail(Code::kSystem, std::string("OpenSSL has no ") + algorithm + " for this");
  }
  return out;
}

const EVP_CIPHER* cipher_of(Aead aead, std::size_t key) {
  if (aead == Aead::kChaCha20Poly1305) return EVP_chacha20_poly1305();
  if (aead == Aead::kAesCcm) return key == 16 ? EVP_aes_128_ccm() : EVP_aes_256_ccm();
  return key == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

}  // namespace

Result<Octets> expand_label(Hash hash, View secret, std::string_view label, std::size_t size) {
  const std::string full = "tls13 " + std::string(label);
  Octets info{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(full.size())};
  info.insert(info.end(), full.begin(), full.end());
  info.push_back(0);
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(hash_name(hash)), 0),
                              OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), octets(OSSL_KDF_PARAM_KEY, secret),
                              octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  return derive("HKDF", parameters.data(), size);
}

Result<Octets> prf12(Hash hash, View secret, std::string_view label, View seed, std::size_t size) {
  Octets whole(label.begin(), label.end());
  whole.insert(whole.end(), seed.begin(), seed.end());
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(hash_name(hash)), 0),
                              octets(OSSL_KDF_PARAM_SECRET, secret), octets(OSSL_KDF_PARAM_SEED, whole), OSSL_PARAM_construct_end()};
  return derive("TLS1-PRF", parameters.data(), size);
}

Result<Octets> open_aead(Aead aead, View key, View nonce, View associated, View sealed, std::size_t tag) {
  if (sealed.size() < tag) return fail(Code::kMalformed, "a record shorter than its tag");
  const View body = sealed.first(sealed.size() - tag);
  const View proof = sealed.last(tag);
  const Cipher context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_CIPHER_CTX* c = context.get();
  Octets out(body.size() + 16);
  int size = 0;
  bool good = c != nullptr && EVP_DecryptInit_ex(c, cipher_of(aead, key.size()), nullptr, nullptr, nullptr) == 1 &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()), nullptr) == 1 &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag), const_cast<std::uint8_t*>(proof.data())) == 1 &&
              EVP_DecryptInit_ex(c, nullptr, nullptr, key.data(), nonce.data()) == 1;
  // CCM wants the length first and verifies as it decrypts (EVP_EncryptInit(3), "CCM Mode").
  if (good && aead == Aead::kAesCcm) good = EVP_DecryptUpdate(c, nullptr, &size, nullptr, static_cast<int>(body.size())) == 1;
  good = good && EVP_DecryptUpdate(c, nullptr, &size, associated.data(), static_cast<int>(associated.size())) == 1;
  good = good && EVP_DecryptUpdate(c, out.data(), &size, body.data(), static_cast<int>(body.size())) == 1;
  int rest = 0;
  if (good && aead != Aead::kAesCcm) good = EVP_DecryptFinal_ex(c, out.data() + size, &rest) == 1;
  ERR_clear_error();
  if (!good) return fail(Code::kMalformed, "a record does not verify under its key");
  out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(rest));
  return out;
}

}  // namespace tlswhy::x509
