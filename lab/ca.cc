#include "lab/ca.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

namespace lab {

using tlswhy::base::Code;
using tlswhy::base::fail;
using tlswhy::base::Result;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Names = std::vector<std::pair<const char*, std::string>>;

constexpr long kLifetime = 30L * 24 * 3600;

struct Issued {
  Key key{nullptr, EVP_PKEY_free};
  Certificate certificate{nullptr, X509_free};
};

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()),
                                                                                  X509_EXTENSION_free);
  if (extension) X509_add_ext(certificate, extension.get(), -1);
}

void set_serial(X509* certificate) {
  std::array<unsigned char, 16> serial{};
  RAND_bytes(serial.data(), static_cast<int>(serial.size()));
  serial[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr), BN_free);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

// Issues a certificate; `issuer` null makes it self-signed. `san` empty makes a CA.
Issued issue(const Names& subject, const Issued* issuer, const std::string& san) {
  Issued out;
  out.key.reset(EVP_EC_gen("P-256"));
  out.certificate.reset(X509_new());
  X509* certificate = out.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  set_serial(certificate);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kLifetime);
  X509_NAME* name = X509_get_subject_name(certificate);
  for (const auto& [field, value] : subject)
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
  X509* parent = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(parent));
  X509_set_pubkey(certificate, out.key.get());
  const bool ca = san.empty();
  add_extension(certificate, parent, NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(certificate, parent, NID_key_usage, ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  add_extension(certificate, parent, NID_subject_key_identifier, "hash");
  if (issuer != nullptr) add_extension(certificate, parent, NID_authority_key_identifier, "keyid:always");
  if (!ca) add_extension(certificate, parent, NID_ext_key_usage, "serverAuth");
  if (!ca) add_extension(certificate, parent, NID_subject_alt_name, san);
  add_extension(certificate, parent, NID_netscape_comment, "made by the tlswhy lab, for tests on this machine only");
  X509_sign(certificate, issuer != nullptr ? issuer->key.get() : out.key.get(), EVP_sha256());
  return out;
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string pem(const X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(out.get(), certificate);
  return text_of(out.get());
}

std::string pem(const EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(out.get());
}

}  // namespace

Result<Authority> make_authority(const std::string& name) {
  const Issued root = issue({{"C", "BE"}, {"O", "GlobalSign nv-sa"}, {"OU", "Root CA"}, {"CN", "GlobalSign Root CA"}}, nullptr, "");
  const Issued middle = issue({{"C", "BE"}, {"O", "GlobalSign nv-sa"}, {"CN", "Lab Intermediate CA"}}, &root, "");
  const Issued leaf = issue({{"CN", name}}, &middle, "DNS:" + name + ",IP:127.0.0.1");
  const Issued other = issue({{"O", "tlswhy lab"}, {"CN", "Unrelated Root"}}, nullptr, "");
  Authority out;
  out.root = pem(root.certificate.get());
  out.root_hash = fmt::format("{:08x}", X509_subject_name_hash(root.certificate.get()));
  out.chain = pem(leaf.certificate.get()) + pem(middle.certificate.get());
  out.key = pem(leaf.key.get());
  out.other_root = pem(other.certificate.get());
  if (out.root.empty() || out.chain.empty() || out.key.empty()) return fail(Code::kSystem, "OpenSSL can't make the lab's certificates");
  return out;
}

}  // namespace lab
