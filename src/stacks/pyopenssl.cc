// pyOpenSSL over a wheel of cryptography, whose OpenSSL was built for a place that no machine has (OpenSSL/SSL.py,
// set_default_verify_paths): without a variable, the first known bundle that is there and Debian's directory.

#include <array>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kBundles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                              "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"};

}  // namespace

static Trust pyopenssl_trust(const Spec& spec, TrustBuilder& builder) {
  Spec own = spec;
  own.openssldir = "/opt/pyca/cryptography/openssl";
  builder.openssl_defaults(own);
  if (builder.as.variable("SSL_CERT_FILE") != nullptr || builder.as.variable("SSL_CERT_DIR") != nullptr) return std::move(builder.out);
  for (const char* one : kBundles) {
    if (!builder.reader.is_file(one)) continue;
    builder.openssl_file_or_refuse(own, one, "");
    break;
  }
  if (builder.reader.is_directory("/etc/ssl/certs")) builder.openssl_directories(own, "/etc/ssl/certs", "");
  return std::move(builder.out);
}

constinit const Stack kPyOpenSsl{.id = "pyopenssl",
                                 .title = "pyOpenSSL",
                                 .versions = "with cryptography's wheel",
                                 .standing = Standing::kChecked,
                                 .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR; else a known bundle",
                                 .knobs = kOpenSslKnobs,
                                 .trust = pyopenssl_trust,
                                 .policy = openssl_policy};

}  // namespace tlswhy::stacks
