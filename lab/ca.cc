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

namespace lab {

using tlswhy::base::Code;
using tlswhy::base::fail;
using tlswhy::base::Result;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr long kDay = 24L * 3600;

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

// What is asked for, but the key.
struct Request {
  Name subject{};
  Validity days = kAuthorityDays;
  bool ca = true, key_usage = true;
  std::string san = {}, issuer_url = {};  // "" for none
  std::string purpose = "serverAuth", constraints = {};
  bool issuer_key_id = true;
  unsigned rsa_bits = 0;
  bool sha1 = false, negative_serial = false;
};

void set_subject(X509* certificate, const Name& subject) {
  X509_NAME* name = X509_get_subject_name(certificate);
  for (const auto& [field, value] : subject)
    if (field != nullptr) X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value), -1, -1, 0);
}

void add_extensions(X509* certificate, X509* issuer, const Request& request) {
  add_extension(certificate, issuer, NID_basic_constraints, request.ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (request.key_usage) add_extension(certificate, issuer, NID_key_usage, request.ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  if (issuer != certificate && request.issuer_key_id) add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  if (!request.san.empty() && request.key_usage) add_extension(certificate, issuer, NID_ext_key_usage, request.purpose);
  if (!request.constraints.empty()) add_extension(certificate, issuer, NID_name_constraints, request.constraints);
  if (!request.san.empty()) add_extension(certificate, issuer, NID_subject_alt_name, request.san);
  if (!request.issuer_url.empty()) add_extension(certificate, issuer, NID_info_access, "caIssuers;URI:" + request.issuer_url);
  add_extension(certificate, issuer, NID_netscape_comment, "made by the tlswhy lab, for tests on this machine only");
}

// Issues a certificate; `issuer` null makes it self-signed.
Issued issue(const Request& request, const Issued* issuer) {
  Issued out;
  out.key.reset(request.rsa_bits != 0 ? EVP_RSA_gen(request.rsa_bits) : EVP_EC_gen("P-256"));
  out.certificate.reset(X509_new());
  X509* certificate = out.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  set_serial(certificate);
  if (request.negative_serial) ASN1_INTEGER_set(X509_get_serialNumber(certificate), -1234567);
  // An hour ago rather than now: clocks in tests are moved, too.
  X509_gmtime_adj(X509_getm_notBefore(certificate), (request.days.from * kDay) - 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), request.days.until * kDay);
  set_subject(certificate, request.subject);
  X509* parent = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(parent));
  X509_set_pubkey(certificate, out.key.get());
  add_extensions(certificate, parent, request);
  X509_sign(certificate, issuer != nullptr ? issuer->key.get() : out.key.get(), request.sha1 ? EVP_sha1() : EVP_sha256());
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

std::string der(const X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  i2d_X509_bio(out.get(), certificate);
  return text_of(out.get());
}

std::string pem(const EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(out.get());
}

Request leaf_request(const Peer& peer, const std::string& host) {
  Request out;
  const std::string name = peer.host.empty() ? host : std::string(peer.host);
  out.days = peer.leaf;
  out.ca = peer.leaf_is_ca;
  out.key_usage = !peer.no_key_usage;
  out.san = "DNS:" + name + (peer.host.empty() ? ",IP:127.0.0.1" : "");
  out.purpose = peer.purpose;
  out.issuer_key_id = !peer.no_issuer_key_id;
  out.rsa_bits = peer.rsa_bits;
  out.sha1 = peer.sha1;
  out.negative_serial = peer.negative_serial;
  if (peer.fetchable) out.issuer_url = "http://" + host + "/intermediate.cer";
  return out;
}

std::string sent_chain(const Peer& peer, const std::string& leaf, const std::string& intermediate, const std::string& root) {
  if (peer.sent == Sent::kLeaf) return leaf;
  return leaf + intermediate + (peer.sent == Sent::kAll ? root : "");
}

void add_clients(Authority& out) {
  const Issued root = issue({.subject = {{{"O", "tlswhy lab"}, {"CN", "Client Root CA"}}}, .days = kRootDays}, nullptr);
  const Issued middle = issue({.subject = {{{"O", "tlswhy lab"}, {"CN", "Client Issuing CA"}}}}, &root);
  const auto leaf = [&](Validity days, const char* purpose) {
    return issue({.subject = {{{"CN", "lab client"}}}, .days = days, .ca = false, .san = "DNS:client.test", .purpose = purpose}, &middle);
  };
  const Issued good = leaf(kLeafDays, "clientAuth"), old = leaf({-100, -10}, "clientAuth"), server = leaf(kLeafDays, "serverAuth");
  out.client_root = pem(root.certificate.get());
  out.client_intermediate = pem(middle.certificate.get());
  out.client = pem(good.certificate.get());
  out.client_key = pem(good.key.get());
  out.client_expired = pem(old.certificate.get()) + out.client_intermediate + pem(old.key.get());
  out.client_server_only = pem(server.certificate.get()) + out.client_intermediate + pem(server.key.get());
}

}  // namespace

Result<Authority> make_authority(const Peer& peer, const std::string& host) {
  const Issued root = issue({.subject = peer.issuers->root, .days = peer.root}, nullptr);
  const Issued middle = issue(
      {.subject = peer.issuers->intermediate, .days = peer.intermediate, .ca = peer.intermediate_is_ca, .constraints = std::string(peer.constraints)},
      &root);
  Request request = leaf_request(peer, host);
  const std::string common_name = peer.host.empty() ? host : std::string(peer.host);
  request.subject[0] = {"CN", common_name.c_str()};
  const Issued* issuers[] = {&middle, &root, nullptr};  // by shape
  const Issued leaf = issue(request, issuers[static_cast<int>(peer.shape)]);
  const Issued other = issue({.subject = {{{"O", "tlswhy lab"}, {"CN", "Unrelated Root"}}}, .days = kRootDays}, nullptr);
  const Issued& anchor = peer.shape == Shape::kSelfSigned ? leaf : root;
  Authority out;
  out.root = pem(anchor.certificate.get());
  out.root_hash = fmt::format("{:08x}", X509_subject_name_hash(anchor.certificate.get()));
  if (peer.shape == Shape::kIntermediate) {
    out.intermediate = pem(middle.certificate.get());
    out.intermediate_der = der(middle.certificate.get());
  }
  out.chain = sent_chain(peer, pem(leaf.certificate.get()), out.intermediate, out.root);
  out.key = pem(leaf.key.get());
  if (peer.nameless == Nameless::kSelfSigned) {
    const Issued nameless =
        issue({.subject = {{{"CN", "default.invalid"}}}, .days = kLeafDays, .ca = false, .key_usage = false, .san = "DNS:default.invalid"}, nullptr);
    out.nameless_chain = pem(nameless.certificate.get());
    out.nameless_key = pem(nameless.key.get());
  }
  out.namesake = pem(issue({.subject = peer.issuers->root, .days = peer.root}, nullptr).certificate.get());
  add_clients(out);
  out.other_root = pem(other.certificate.get());
  if (out.root.empty() || out.chain.empty() || out.key.empty()) return fail(Code::kSystem, "OpenSSL can't make the lab's certificates");
  return out;
}

}  // namespace lab
