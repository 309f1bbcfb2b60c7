#pragma once
// A thin view over one X.509 certificate, parsed by OpenSSL (RFC 5280). The only place, with its sisters in
// this folder, that includes OpenSSL.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/cursor.h"

struct x509_st;  // OpenSSL's X509

namespace tlswhy::x509 {

struct TrustedCertificate;

// A certificate's readable fields. Names are RFC 4514-like in the order of the certificate
// ("C=BE, O=GlobalSign nv-sa, …"), with control characters escaped; times are UTC, "2026-11-22T16:00:00Z".
class Certificate {
 public:
  // Parses one DER certificate; kMalformed with OpenSSL's reason. Trailing bytes are an error.
  static base::Result<Certificate> parse(bytes::View der);

  [[nodiscard]] const std::string& subject() const;
  [[nodiscard]] const std::string& issuer() const;
  [[nodiscard]] std::string not_before() const;
  [[nodiscard]] std::string not_after() const;
  [[nodiscard]] bool expired() const;                    // by this machine's clock
  [[nodiscard]] bool valid_at(std::int64_t time) const;  // both ends included; 0: now
  [[nodiscard]] std::string sha256() const;              // lower-case hex of the DER's digest
  [[nodiscard]] std::string subject_hash() const;        // eight hex digits: the hashed-directory name
  [[nodiscard]] std::string subject_hash_old() const;    // the same as OpenSSL named them before 1.0.0 (MD5)
  [[nodiscard]] std::string issuer_hash() const;
  [[nodiscard]] std::vector<std::string> names() const;              // DNS and IP subjectAltNames, the first hundred
  [[nodiscard]] std::vector<std::string> dns_names() const;          // DNS subjectAltNames alone
  [[nodiscard]] bool has_address(const std::string& address) const;  // among the iPAddress subjectAltNames
  [[nodiscard]] std::vector<std::string> issuer_urls() const;        // authorityInfoAccess, caIssuers (RFC 5280 §4.2.2.1)
  [[nodiscard]] bool is_ca() const;                                  // basicConstraints CA, or an old self-issued root
  [[nodiscard]] bool self_issued() const { return subject() == issuer(); }
  [[nodiscard]] const std::vector<std::uint8_t>& der() const;
  // For the sisters in this folder: with its key decoded, which takes ten times the rest, so it is done when first asked for.
  [[nodiscard]] x509_st* handle() const;

  // True if the certificate is good for `host`, a DNS name or an IP address (RFC 6125 as X509_check_host does it).
  [[nodiscard]] bool is_for(const std::string& host) const;
  // True if `issuer`'s key verifies this certificate's signature and its subject is our issuer.
  [[nodiscard]] bool signed_by(const Certificate& issuer) const;

  // As `parse`, but X509_CERT_AUX, the trust settings of a TRUSTED CERTIFICATE block, may follow.
  static base::Result<TrustedCertificate> parse_trusted(bytes::View der);

 private:
  friend struct TrustedCertificate;  // begins empty
  Certificate() = default;
  struct Parsed;
  [[nodiscard]] x509_st* plain() const;  // all but the key
  void take(x509_st* handle);
  std::shared_ptr<Parsed> parsed_;  // all of it: a certificate is copied into every store that holds it
};

struct TrustedCertificate {
  Certificate certificate;
  bool for_tls_servers = true;  // not rejected for them, nor trusted for something else only (crypto/x509/x509_trust.c)
};

// The text of a Name of which these are the relative distinguished names, without its own head; "" when they are none.
std::string name_text(bytes::View names);
// The text of a Name in DER, its own head included; "" when it is none.
std::string text_of_name(bytes::View der);

// OpenSSL's words for a verification result X509_V_ERR_*; "" for what is none.
std::string verify_error_text(int code);

// Base64 with line breaks (RFC 7468 §3) → bytes; kMalformed on a foreign character or a wrong length.
base::Result<std::vector<std::uint8_t>> decode_base64(std::string_view text);
// Bytes → base64 on one line.
std::string encode_base64(bytes::View data);
// One certificate's DER as a PEM block (RFC 7468).
std::string pem_text(bytes::View der);

}  // namespace tlswhy::x509
