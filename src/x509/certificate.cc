#include "x509/certificate.h"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <mutex>

#include "base/text.h"

namespace tlswhy::x509 {

using base::Code;
using base::fail;
using base::Result;

namespace {

std::string last_error() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason != nullptr ? reason : "not a certificate";
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  constexpr unsigned long kFlags = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN | ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT |
                                   ASN1_STRFLGS_DUMP_UNKNOWN | ASN1_STRFLGS_DUMP_DER;
  if (!out || X509_NAME_print_ex(out.get(), name, 0, kFlags) < 0) return "";
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return base::printable({text, static_cast<std::size_t>(size)});
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                     parts.tm_sec);
}

std::string ip_text(const ASN1_OCTET_STRING* ip) {
  const unsigned char* at = ASN1_STRING_get0_data(ip);
  if (ASN1_STRING_length(ip) == 4) return fmt::format("{}.{}.{}.{}", at[0], at[1], at[2], at[3]);
  return base::hex({at, static_cast<std::size_t>(ASN1_STRING_length(ip))});
}

// A library context that can decode no key. OpenSSL 3 searches its providers for a decoder at each certificate
// (crypto/x509/x_pubkey.c, x509_pubkey_ex_d2i_ex), and goes on without a key where there is none: 144 anchors are parsed in
// 3 ms instead of 18.
OSSL_LIB_CTX* without_keys() {
  struct Context {
    std::unique_ptr<OSSL_LIB_CTX, decltype(&OSSL_LIB_CTX_free)> context{OSSL_LIB_CTX_new(), OSSL_LIB_CTX_free};
    OSSL_PROVIDER* null = OSSL_PROVIDER_load(context.get(), "null");
    ~Context() { OSSL_PROVIDER_unload(null); }
  };
  static const Context kContext;
  return kContext.context.get();
}

using Handle = std::unique_ptr<x509_st, decltype(&X509_free)>;

}  // namespace

struct Certificate::Parsed {
  Handle plain, full{nullptr, X509_free};
  std::once_flag asked;
  std::string subject, issuer;
  std::vector<std::uint8_t> der;
};

const std::string& Certificate::subject() const { return parsed_->subject; }
const std::string& Certificate::issuer() const { return parsed_->issuer; }
const std::vector<std::uint8_t>& Certificate::der() const { return parsed_->der; }
x509_st* Certificate::plain() const { return parsed_->plain.get(); }

x509_st* Certificate::handle() const {
  std::call_once(parsed_->asked, [this] {
    const unsigned char* at = der().data();
    parsed_->full.reset(d2i_X509(nullptr, &at, static_cast<long>(der().size())));
  });
  return parsed_->full ? parsed_->full.get() : plain();
}

void Certificate::take(x509_st* handle) {
  parsed_ = std::make_shared<Parsed>(Handle(handle, X509_free));
  parsed_->subject = name_text(X509_get_subject_name(handle));
  parsed_->issuer = name_text(X509_get_issuer_name(handle));
}

Result<Certificate> Certificate::parse(bytes::View der) {
  const unsigned char* at = der.data();
  Certificate out;
  x509_st* handle = X509_new_ex(without_keys(), nullptr);
  if (d2i_X509(&handle, &at, static_cast<long>(der.size())) == nullptr) return fail(Code::kMalformed, last_error(), "certificate");
  out.take(handle);
  if (at != der.data() + der.size()) return fail(Code::kMalformed, "bytes behind the certificate", fmt::format("certificate+{:#x}", at - der.data()));
  out.parsed_->der.assign(der.begin(), der.end());
  return out;
}

namespace {

bool names_tls_servers(STACK_OF(ASN1_OBJECT) * list) {
  for (int i = 0; i < sk_ASN1_OBJECT_num(list); ++i)
    if (const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(list, i)); nid == NID_server_auth || nid == NID_anyExtendedKeyUsage) return true;
  return false;
}

}  // namespace

Result<TrustedCertificate> Certificate::parse_trusted(bytes::View der) {
  const unsigned char* at = der.data();
  TrustedCertificate out;
  x509_st* handle = d2i_X509_AUX(nullptr, &at, static_cast<long>(der.size()));
  if (handle == nullptr) return fail(Code::kMalformed, last_error(), "trusted certificate");
  out.certificate.take(handle);
  unsigned char* encoded = nullptr;
  const int size = i2d_X509(handle, &encoded);
  if (size > 0) out.certificate.parsed_->der.assign(encoded, encoded + size);
  OPENSSL_free(encoded);
  STACK_OF(ASN1_OBJECT)* trusted = X509_get0_trust_objects(handle);
  out.for_tls_servers = !names_tls_servers(X509_get0_reject_objects(handle)) && (sk_ASN1_OBJECT_num(trusted) <= 0 || names_tls_servers(trusted));
  return out;
}

std::string Certificate::not_before() const { return time_text(X509_get0_notBefore(plain())); }
std::string Certificate::not_after() const { return time_text(X509_get0_notAfter(plain())); }

bool Certificate::expired() const { return X509_cmp_current_time(X509_get0_notAfter(plain())) < 0; }

bool Certificate::valid_at(std::int64_t time) const {
  std::time_t at = time != 0 ? static_cast<std::time_t>(time) : std::time(nullptr), before = at - 1;
  return X509_cmp_time(X509_get0_notBefore(plain()), &at) < 0 && X509_cmp_time(X509_get0_notAfter(plain()), &before) > 0;
}

std::string Certificate::sha256() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(der().data(), der().size(), digest.data(), &size, EVP_sha256(), nullptr);
  return base::hex({digest.data(), size});
}

std::string Certificate::subject_hash() const { return fmt::format("{:08x}", X509_subject_name_hash(plain())); }
std::string Certificate::subject_hash_old() const { return fmt::format("{:08x}", X509_subject_name_hash_old(plain())); }

std::string Certificate::issuer_hash() const { return fmt::format("{:08x}", X509_issuer_name_hash(plain())); }

namespace {

// The subjectAltNames of these kinds, as text.
std::vector<std::string> alternative_names(const x509_st* certificate, bool dns, bool addresses, int most) {
  std::vector<std::string> out;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)), GENERAL_NAMES_free);
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()) && i < most; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_IPADD && addresses) out.push_back(ip_text(name->d.iPAddress));
    if (name->type != GEN_DNS || !dns) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    out.push_back(base::printable({text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}, 256));
  }
  ERR_clear_error();
  return out;
}

}  // namespace

std::vector<std::string> Certificate::names() const { return alternative_names(plain(), true, true, 100); }
std::vector<std::string> Certificate::dns_names() const { return alternative_names(plain(), true, false, 10'000); }

bool Certificate::has_address(const std::string& address) const { return X509_check_ip_asc(plain(), address.c_str(), 0) == 1; }

bool Certificate::is_ca() const { return X509_check_ca(handle()) != 0; }

std::vector<std::string> Certificate::issuer_urls() const {
  const auto release = [](AUTHORITY_INFO_ACCESS* list) { AUTHORITY_INFO_ACCESS_free(list); };
  const std::unique_ptr<AUTHORITY_INFO_ACCESS, decltype(release)> list(
      static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(plain(), NID_info_access, nullptr, nullptr)), release);
  std::vector<std::string> out;
  for (int i = 0; list && i < sk_ACCESS_DESCRIPTION_num(list.get()); ++i) {
    const ACCESS_DESCRIPTION* one = sk_ACCESS_DESCRIPTION_value(list.get(), i);
    if (OBJ_obj2nid(one->method) != NID_ad_ca_issuers || one->location->type != GEN_URI) continue;
    const ASN1_STRING* uri = one->location->d.uniformResourceIdentifier;
    out.push_back(
        base::printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)), static_cast<std::size_t>(ASN1_STRING_length(uri))}, 1024));
  }
  return out;
}

bool Certificate::is_for(const std::string& host) const {
  if (X509_check_ip_asc(plain(), host.c_str(), 0) == 1) return true;
  return X509_check_host(plain(), host.c_str(), host.size(), 0, nullptr) == 1;
}

bool Certificate::signed_by(const Certificate& issuer) const {
  if (X509_NAME_cmp(X509_get_issuer_name(plain()), X509_get_subject_name(issuer.plain())) != 0) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer.handle());
  const bool good = key != nullptr && X509_verify(handle(), key) == 1;
  ERR_clear_error();
  return good;
}

std::string name_text(bytes::View names) {
  const int size = static_cast<int>(names.size());
  std::vector<unsigned char> der(static_cast<std::size_t>(ASN1_object_size(1, size, V_ASN1_SEQUENCE)));
  unsigned char* out = der.data();
  ASN1_put_object(&out, 1, size, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  std::ranges::copy(names, out);
  return text_of_name(der);
}

std::string text_of_name(bytes::View der) {
  const unsigned char* in = der.data();
  const std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)> name(d2i_X509_NAME(nullptr, &in, static_cast<long>(der.size())), X509_NAME_free);
  ERR_clear_error();
  return name ? name_text(name.get()) : "";
}

std::string verify_error_text(int code) {
  const std::string text = X509_verify_cert_error_string(code);
  return code < 0 || text.find("unknown certificate verification error") != std::string::npos ? "" : text;
}

Result<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  const std::unique_ptr<EVP_ENCODE_CTX, decltype(&EVP_ENCODE_CTX_free)> context(EVP_ENCODE_CTX_new(), EVP_ENCODE_CTX_free);
  if (!context) return fail(Code::kSystem, "out of memory");
  std::vector<std::uint8_t> out(text.size() / 4 * 3 + 100);
  EVP_DecodeInit(context.get());
  int size = 0, tail = 0;
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DecodeUpdate(context.get(), out.data(), &size, in, static_cast<int>(text.size())) < 0 ||
      EVP_DecodeFinal(context.get(), out.data() + size, &tail) < 0)
    return fail(Code::kMalformed, "bad base64");
  out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(tail));
  return out;
}

std::string encode_base64(bytes::View data) {
  std::string out((data.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), data.data(), static_cast<int>(data.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string pem_text(bytes::View der) {
  constexpr std::size_t kLine = 64;
  const std::string body = encode_base64(der);
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < body.size(); at += kLine) out += body.substr(at, kLine) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

}  // namespace tlswhy::x509
