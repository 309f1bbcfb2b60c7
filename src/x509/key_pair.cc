#include "x509/key_pair.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace tlswhy::x509 {
namespace {

template <auto Free>
struct Freer {
  void operator()(auto* object) const { Free(object); }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

BioPtr reader(bytes::View data) { return BioPtr(BIO_new_mem_buf(data.data(), static_cast<int>(data.size()))); }

// Asked for the password of an encrypted key: there is none, and that it was asked for is noted.
int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

}  // namespace

KeyPair compare_key(bytes::View certificate_file, bytes::View key_file) {
  bool asked = false;
  const BioPtr first = reader(certificate_file), second = reader(key_file);
  const X509Ptr certificate(PEM_read_bio_X509(first.get(), nullptr, no_password, &asked));
  asked = false;
  const KeyPtr key(PEM_read_bio_PrivateKey(second.get(), nullptr, no_password, &asked));
  KeyPair out = KeyPair::kMatch;
  if (!certificate)
    out = KeyPair::kNoCertificate;
  else if (!key)
    out = asked ? KeyPair::kEncryptedKey : KeyPair::kNoKey;
  else if (X509_check_private_key(certificate.get(), key.get()) != 1)
    out = KeyPair::kDiffer;
  ERR_clear_error();
  return out;
}

}  // namespace tlswhy::x509
