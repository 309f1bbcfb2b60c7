#pragma once
// Finds the certificates in a PEM bundle (RFC 7468), with the offset of each and of the first bad block.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"
#include "x509/certificate.h"

namespace tlswhy::store {

struct PemBundle {
  std::vector<x509::Certificate> certificates;  // of the blocks before and behind a bad one alike
  std::size_t before_first_error = 0;           // how many of them stand before the first bad block
  std::vector<base::Error> errors;              // bad blocks with "pem+0xOFFSET", 100 at most

  // What OpenSSL's X509_load_cert_crl_file keeps: PEM_X509_INFO_read_bio gives the whole file up at the
  // first bad block (crypto/pem/pem_info.c, all versions up to 3.6).
  [[nodiscard]] std::size_t openssl_count() const { return errors.empty() ? certificates.size() : 0; }
};

// Certificates that were parsed before, by their DER. Copies share OpenSSL's object.
using KnownCertificates = std::map<std::vector<std::uint8_t>, x509::Certificate>;

// Reads every CERTIFICATE, X509 CERTIFICATE and TRUSTED CERTIFICATE block (the trust settings behind the
// certificate are dropped). Never fails: an unreadable block is an entry in `errors`. Stops at 20,000 blocks.
// Parses only what is not in `known`, and adds it there.
PemBundle read_pem_bundle(bytes::View data, KnownCertificates* known = nullptr);

}  // namespace tlswhy::store
