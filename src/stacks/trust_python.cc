// Lib/ssl.py: load_default_certs is OpenSSL's default look-up; from 3.13 create_default_context asks for partial chains and
// strict checks too.

#include <algorithm>
#include <iterator>

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust python_trust(const Spec& spec, TrustBuilder& builder) {
  builder.openssl_defaults(spec);
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  return std::move(builder.out);
}

// python-build-standalone (uv, rye, mise): OPENSSLDIR /etc/ssl, and since March 2026 Red Hat's places when those are absent.
Trust standalone_python_trust(const Spec& spec, TrustBuilder& builder) {
  Spec own = spec;
  if (!own.own_directory) own.openssldir = "/etc/ssl";
  builder.out = python_trust(own, builder);
  if (builder.as.variable("SSL_CERT_FILE") == nullptr && !builder.reader.is_file("/etc/ssl/cert.pem"))
    builder.openssl_file(own, "/etc/pki/tls/cert.pem", "");
  if (builder.as.variable("SSL_CERT_DIR") == nullptr && !builder.reader.is_directory("/etc/ssl/certs"))
    builder.openssl_directories(own, "/etc/pki/tls/certs", "");
  return std::move(builder.out);
}

// conda's OpenSSL looks below the environment's own prefix (openssl-feedstock, recipe/build.sh).
Trust conda_trust(const Spec& spec, TrustBuilder& builder) {
  Spec own = spec;
  const std::string* prefix = builder.as.variable_text("CONDA_PREFIX");
  if (!own.own_directory && prefix != nullptr) own.openssldir = *prefix + "/ssl";
  return python_trust(own, builder);
}

}  // namespace tlswhy::stacks
