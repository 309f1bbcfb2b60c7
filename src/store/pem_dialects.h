#pragma once
// What each TLS stack keeps of one and the same PEM file. They differ in
// framing and in how they take damage: docs/stacks.md.

#include <string>
#include <string_view>
#include <vector>

#include "store/pem_bundle.h"
#include "x509/certificate.h"

namespace tlswhy::store {

enum class Dialect {
  kOpenSsl,            // X509_load_cert_crl_file, 3.0 on: any bad block and the whole file
                       // is nothing (crypto/pem/pem_info.c)
  kOpenSsl111,         // the same to 1.1.1: a byte order mark hides the first block
  kBoringSsl,          // as 1.1.1, but its base64 knows no end before the end
  kOneByOne,           // PEM_read_bio_X509 in a loop: what stands before the first bad
                       // block (node's NODE_EXTRA_CA_CERTS)
  kOneByOne111,        // the same to 1.1.1
  kOneByOneBoringSsl,  // the same in BoringSSL
  kOneByOneInMemory,   // the same, out of memory: NUL does not end it
  kGnuTls,             // gnutls_x509_crt_list_import: blocks are found anywhere; any bad
                       // one and the whole file is nothing
  kGo,                 // encoding/pem: bad blocks are skipped
  kRustls,             // rustls-pki-types: bad blocks are skipped, line by line
  kWolfSsl,            // PemToDer: bad blocks are skipped; blocks are found anywhere
  kQt,                 // QSslCertificate::fromData: characters that are no base64 are passed
                       // over
  kP11Kit,             // p11_pem_parse: bad blocks are skipped; blocks are found anywhere
  kTrustedOnly,        // its TRUSTED CERTIFICATE blocks
  kMbedTls,            // mbedtls_x509_crt_parse: bad blocks are skipped, a block that does
                       // not end ends the file
};

struct PemRead {
  std::vector<x509::Certificate> certificates;  // those that the stack keeps
  std::vector<x509::Certificate> rejected;      // TRUSTED CERTIFICATE blocks that are not meant for TLS servers
  std::string damage;                           // the first bad block and its offset, "" for none
  bool bad_text = false;                        // some block's lines or base64 are bad, not just what
                                                // they hold (kRustls only)
};

// Reads `data` as `dialect` would. Never fails; stops at 20,000 blocks. Parses
// only what is not in `known`, and adds it there.
PemRead read_pem_as(Dialect dialect, std::string_view data, KnownCertificates* known = nullptr);

}  // namespace tlswhy::store
