#include <algorithm>
#include <array>

#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

using enum Standing;
constexpr std::array kModels{
    TrustModel{"openssl", "1.1.1, 3.0, 3.5; others modelled", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR, OPENSSLDIR at build time", openssl_trust},
    TrustModel{"python", "3.6-3.13", kChecked, "those of its OpenSSL", python_trust},
    TrustModel{"requests", "2.x", kChecked, "REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE; else certifi", requests_trust},
    TrustModel{"httpx", "0.28", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR; else certifi", httpx_trust},
    TrustModel{"urllib3", "2.x", kChecked, "those of its OpenSSL", python_trust},
    TrustModel{"aiohttp", "3.x", kChecked, "those of its OpenSSL, as it is imported", python_trust},
    TrustModel{"truststore", "0.10", kChecked, "those of its OpenSSL; else a known bundle", truststore_trust},
    TrustModel{"pyopenssl", "with cryptography's wheel", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR; else a known bundle", pyopenssl_trust},
    TrustModel{"perl", "IO::Socket::SSL 2.x", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", perl_trust},
    TrustModel{"ruby", "Net::HTTP", kChecked, "those of its OpenSSL", openssl_trust},
    TrustModel{"php", "streams, without openssl.cafile", kChecked, "those of its OpenSSL; openssl.cafile, openssl.capath", openssl_trust},
    TrustModel{"curl", "7.68 and newer, with OpenSSL", kChecked, "CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR, --cacert, --capath", curl_trust},
    TrustModel{"git", "with libcurl-gnutls", kChecked, "GIT_SSL_CAINFO, GIT_SSL_CAPATH, http.sslCAInfo", git_trust},
    TrustModel{"gnutls", "3.7", kChecked, "the bundle named at build time", gnutls_trust},
    TrustModel{"wget", "with GnuTLS", kChecked, "--ca-certificate, --ca-directory, wgetrc", wget_trust},
    TrustModel{"go", "1.21-1.26", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", go_trust},
    TrustModel{"node", "16-24", kChecked, "NODE_EXTRA_CA_CERTS, --use-openssl-ca, --use-system-ca", node_trust},
    TrustModel{"java", "17", kChecked, "javax.net.ssl.trustStore, lib/security/jssecacerts and cacerts", java_trust},
    TrustModel{"nss", "", kRecognised, "the database directory that the program opens", nullptr},
    TrustModel{"mbedtls", "", kRecognised, "none: the program loads its own", nullptr},
    TrustModel{"wolfssl", "", kRecognised, "none by default", nullptr},
};

}  // namespace

std::span<const TrustModel> trust_models() { return kModels; }

const TrustModel* find_model(std::string_view name) {
  const auto at = std::ranges::find(kModels, name, &TrustModel::name);
  return at == kModels.end() ? nullptr : &*at;
}

}  // namespace tlswhy::stacks
