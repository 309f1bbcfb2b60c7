#pragma once
// Finds the certificates in a PEM bundle (RFC 7468), and the bad blocks. What a
// stack makes of such a file: pem_dialects.h.

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
  std::vector<base::Error> errors;              // bad blocks with "pem+0xOFFSET", 100 at most
};

// Certificates that were parsed before, by their DER. Copies share OpenSSL's
// object.
using KnownCertificates = std::map<std::vector<std::uint8_t>, x509::Certificate>;

// The certificate out of `known`, or parsed and added there.
base::Result<x509::Certificate> parse_once(const std::vector<std::uint8_t>& der, KnownCertificates* known);

// Reads every CERTIFICATE, X509 CERTIFICATE and TRUSTED CERTIFICATE block (the
// trust settings behind the certificate are dropped). Never fails: an
// unreadable block is an entry in `errors`. Stops at 20,000 blocks. Parses only
// what is not in `known`, and adds it there.
PemBundle read_pem_bundle(bytes::View data, KnownCertificates* known = nullptr);

}  // namespace tlswhy::store
