#pragma once
// The dialects that skip what they can't read; for pem_dialects only.

#include "store/pem_dialects.h"

namespace tlswhy::store {

// rustls-pki-types 1.x, src/pem.rs (rustls-pemfile before it): any number of
// sections, one error each.
PemRead read_rustls(std::string_view data, KnownCertificates* known);

// library/x509_crt.c mbedtls_x509_crt_parse and library/pem.c
// mbedtls_pem_read_buffer, 2.28 and 3.x.
PemRead read_mbedtls(std::string_view data, KnownCertificates* known);

// wolfcrypt/src/asn.c PemToDer and wolfcrypt/src/coding.c Base64_Decode, as
// ProcessChainBuffer goes through a file (5.5).
PemRead read_wolfssl(std::string_view data, KnownCertificates* known);

// p11-kit common/pem.c p11_pem_parse.
PemRead read_p11_pem(std::string_view data, KnownCertificates* known);
PemRead read_p11_trusted(std::string_view data);

// qtx509_openssl / qsslcertificate: certificatesFromPem of Qt 5 and 6.
PemRead read_qt(std::string_view data, KnownCertificates* known);

}  // namespace tlswhy::store
