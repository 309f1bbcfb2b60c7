#include <algorithm>
#include <array>

#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

using enum Standing;
constexpr std::array kModels{
    TrustModel{"openssl", "1.0.2-4.0", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR, OPENSSLDIR at build time", openssl_trust},
    TrustModel{"python", "2.7, 3.6-3.13", kChecked, "those of its OpenSSL", python_trust},
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
    TrustModel{"libcurl", "7.68 and newer, with OpenSSL", kChecked, "none: CURLOPT_CAINFO, CURLOPT_CAPATH", libcurl_trust},
    TrustModel{"libcurl-gnutls", "Debian's", kChecked, "none: CURLOPT_CAINFO, CURLOPT_CAPATH", libcurl_gnutls_trust},
    TrustModel{"git", "with libcurl-gnutls", kChecked, "GIT_SSL_CAINFO, GIT_SSL_CAPATH, http.sslCAInfo", git_trust},
    TrustModel{"gnutls", "3.7", kChecked, "the bundle named at build time", gnutls_trust},
    TrustModel{"wget", "with GnuTLS", kChecked, "--ca-certificate, --ca-directory, wgetrc", wget_trust},
    TrustModel{"go", "1.21-1.26", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", go_trust},
    TrustModel{"node", "16-24", kChecked, "NODE_EXTRA_CA_CERTS, --use-openssl-ca, --use-system-ca", node_trust},
    TrustModel{"java", "17", kChecked, "javax.net.ssl.trustStore, lib/security/jssecacerts and cacerts", java_trust},
    TrustModel{"bun", "1.1-1.4", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR, NODE_EXTRA_CA_CERTS, NODE_USE_SYSTEM_CA", bun_trust},
    TrustModel{"deno", "2.x", kChecked, "DENO_TLS_CA_STORE, DENO_CERT, NODE_EXTRA_CA_CERTS", deno_trust},
    TrustModel{"boringssl", "13.0.0+r24 of Android", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", boringssl_trust},
    TrustModel{"aws-lc", "of the crate aws-lc-sys 0.47", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", boringssl_trust},
    TrustModel{"libressl", "2.2 and newer", kModelled, "none", libressl_trust},
    TrustModel{"rustls-native-certs", "0.7.0, 0.8", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", native_certs_trust},
    TrustModel{"rustls-platform-verifier", "0.7", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", platform_verifier_trust},
    TrustModel{"webpki-roots", "1.0", kChecked, "none", webpki_roots_trust},
    TrustModel{"native-tls", "0.2.18", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR; known places", native_tls_trust},
    TrustModel{"uv", "0.13", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR, UV_SYSTEM_CERTS", uv_trust},
    TrustModel{"grpc", "of Python", kChecked, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", grpc_trust},
    TrustModel{"certifi", "of PyPI", kChecked, "none", certifi_trust},
    TrustModel{"botocore", "1.44", kChecked, "AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE; else certifi", botocore_trust},
    TrustModel{"pip", "24.2 and newer", kChecked, "PIP_CERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, those of truststore", pip_trust},
    TrustModel{"dotnet", "3.1, 9", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR", dotnet_trust},
    TrustModel{"qt", "5, 6, with OpenSSL", kChecked, "none", qt_trust},
    TrustModel{"libpq", "15, 17", kChecked, "PGSSLROOTCERT, sslrootcert", libpq_trust},
    TrustModel{"librdkafka", "with OpenSSL linked in", kChecked, "ssl.ca.location; else known places", librdkafka_trust},
    TrustModel{"mariadb", "Connector/C with OpenSSL", kChecked, "those of its OpenSSL, ssl-ca, ssl-capath", openssl_trust},
    TrustModel{"azure-speech", "1.53", kChecked, "those of its OpenSSL", openssl_trust},
    TrustModel{"pyinstaller", "6", kChecked, "those of the OpenSSL it packs", python_trust},
    TrustModel{"s2n", "of aws-crt", kChecked, "SSL_CERT_FILE, SSL_CERT_DIR; known places", s2n_trust},
    TrustModel{"mbedtls", "2.28", kChecked, "none: the program loads its own", mbedtls_trust},
    TrustModel{"wolfssl", "5.5, wolfSSL_CTX_load_system_CA_certs", kChecked, "none: the program asks for the system's or loads its own",
               wolfssl_trust},
    TrustModel{"nss", "3.87, cert9.db", kChecked, "the database directory that the program opens", nss_trust},
    TrustModel{"python-build-standalone", "of uv, rye, mise", kModelled, "those of its OpenSSL", standalone_python_trust},
    TrustModel{"conda", "", kModelled, "those of its OpenSSL, CONDA_PREFIX", conda_trust},
    TrustModel{"mysql", "libmysqlclient 26", kChecked, "ssl-ca, ssl-capath", mysql_trust},
    TrustModel{"p11-kit", "0.24, the trust module", kChecked, "the paths compiled in, paths= in a module file", p11_kit_trust},
    TrustModel{"electron", "", kRecognised, "NSS' database of the user", nullptr},
};

}  // namespace

std::span<const TrustModel> trust_models() { return kModels; }

const TrustModel* find_model(std::string_view name) {
  const auto at = std::ranges::find(kModels, name, &TrustModel::name);
  return at == kModels.end() ? nullptr : &*at;
}

}  // namespace tlswhy::stacks
