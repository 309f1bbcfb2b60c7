#pragma once
// A certificate's extensions and key in words, as RFC 5280 and OpenSSL spell them, for evidence and reports.

#include <string>
#include <vector>

#include "x509/certificate.h"

namespace tlswhy::x509 {

struct Readable {
  std::string key_id, issuer_key_id;             // hex, "" for none
  std::string key, signature;                    // "RSA 2048", "sha256WithRSAEncryption"
  std::vector<std::string> key_usage, purposes;  // "keyCertSign", "serverAuth"
  std::vector<std::string> constraints;          // "permitted DNS:example.com", the first hundred
  std::vector<std::string> revocation;           // addresses of CRLs and OCSP responders
  std::vector<std::string> oddities;             // what strict readers refuse: "a negative serial number"
  bool must_staple = false;                      // TLS feature status_request (RFC 7633)
};
Readable readable(const Certificate& certificate);

}  // namespace tlswhy::x509
