// Lib/ssl.py: load_default_certs is OpenSSL's default look-up; from 3.13 create_default_context asks for partial chains and
// strict checks too.

#include <algorithm>
#include <iterator>

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust python_trust(const Spec& spec, const Eyes& eyes) {
  TrustBuilder builder(eyes);
  builder.openssl_defaults(spec);
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  return std::move(builder.out);
}

// python-build-standalone (uv, rye, mise): OPENSSLDIR /etc/ssl, and since March 2026 Red Hat's places when those are absent.
Trust standalone_python_trust(const Spec& spec, const Eyes& eyes) {
  Spec own = spec;
  if (!own.own_directory) own.openssldir = "/etc/ssl";
  Trust out = python_trust(own, eyes);
  TrustBuilder more(eyes);
  if (eyes.variable("SSL_CERT_FILE") == nullptr && !more.reader.is_file("/etc/ssl/cert.pem")) more.openssl_file(own, "/etc/pki/tls/cert.pem", "");
  if (eyes.variable("SSL_CERT_DIR") == nullptr && !more.reader.is_directory("/etc/ssl/certs"))
    more.openssl_directories(own, "/etc/pki/tls/certs", "");
  std::ranges::move(more.out.sources, std::back_inserter(out.sources));
  std::ranges::move(more.out.anchors, std::back_inserter(out.anchors));
  return out;
}

// conda's OpenSSL looks below the environment's own prefix (openssl-feedstock, recipe/build.sh).
Trust conda_trust(const Spec& spec, const Eyes& eyes) {
  Spec own = spec;
  const std::string* prefix = eyes.variable_text("CONDA_PREFIX");
  if (!own.own_directory && prefix != nullptr) own.openssldir = *prefix + "/ssl";
  return python_trust(own, eyes);
}

}  // namespace tlswhy::stacks
