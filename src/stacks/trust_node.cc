// node's own builds: src/crypto/crypto_context.cc. Roots are compiled in; options come from NODE_OPTIONS here.

#include <algorithm>
#include <iterator>

#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

bool has_option(const Eyes& eyes, std::string_view option) {
  const std::string* options = eyes.variable("NODE_OPTIONS");
  return options != nullptr && options->find(option) != std::string::npos;
}

bool knows_system_ca(const std::string& version) {
  return Spec::at_least(version, "23.9") || (Spec::at_least(version, "22.15") && !Spec::at_least(version, "23"));
}

// Every entry of the directory, unlike OpenSSL's own look-up (23.9 and 22.15 on).
void add_system(TrustBuilder& builder, const Spec& spec) {
  const std::string* file = builder.eyes.variable("SSL_CERT_FILE");
  const std::string* directory = builder.eyes.variable("SSL_CERT_DIR");
  builder.add(builder.reader.file(file != nullptr ? *file : spec.openssldir + "/cert.pem", store::Dialect::kOneByOne),
              file != nullptr ? "SSL_CERT_FILE" : "");
  builder.add(builder.reader.every_file(directory != nullptr ? *directory : spec.openssldir + "/certs", store::Dialect::kOneByOne, true),
              directory != nullptr ? "SSL_CERT_DIR" : "");
}

}  // namespace

Trust node_trust(const Spec& spec, const Eyes& whose) {
  // Every variable is read by SafeGetenv (src/node_credentials.cc), which gives nothing with AT_SECURE.
  const Eyes secure{whose.files, whose.who, {}, true, whose.known, whose.top};
  const Eyes& eyes = whose.at_secure ? secure : whose;
  Spec own = spec;
  if (!own.own_directory) own.openssldir = "/etc/ssl";  // of node's own builds
  if (own.openssl.empty()) own.openssl = Spec::at_least(spec.version, "22.20") ? "3.5" : Spec::at_least(spec.version, "18") ? "3.0" : "1.1.1";
  TrustBuilder builder(eyes);
  builder.out.openssl_codes = true;
  const std::string* asked = eyes.variable("NODE_USE_SYSTEM_CA");
  if (has_option(eyes, "--use-openssl-ca") && !has_option(eyes, "--use-bundled-ca")) {
    builder.openssl_defaults(own);
  } else {
    builder.compiled("the roots compiled into node");
    if (knows_system_ca(spec.version) && (has_option(eyes, "--use-system-ca") || (asked != nullptr && *asked == "1")))
      add_system(builder, own);
    else
      builder.ignores_openssls("node reads it with --use-openssl-ca only");
  }
  if (const std::string* extra = eyes.variable_text("NODE_EXTRA_CA_CERTS"))
    builder.add(builder.reader.file(*extra, store::Dialect::kOneByOne), "NODE_EXTRA_CA_CERTS");
  if (!whose.at_secure) return std::move(builder.out);
  TrustBuilder told(whose);
  for (const char* name : {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"}) told.ignored(name, "not read: the process runs with AT_SECURE");
  std::ranges::move(told.out.sources, std::back_inserter(builder.out.sources));
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
