// GnuTLS: lib/system/certs.c add_system_trust with the bundle that Debian compiles in; wget: src/gnutls.c; git through
// libcurl-gnutls: http.c and lib/vtls/gtls.c. No variable of GnuTLS's own names a store.

#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr const char* kBundle = "/etc/ssl/certs/ca-certificates.crt";
constexpr const char* kDirectory = "/etc/ssl/certs";

void ignore_all(TrustBuilder& builder) {
  builder.ignored("SSL_CERT_FILE", false, "GnuTLS does not read it");
  builder.ignored("SSL_CERT_DIR", true, "GnuTLS does not read it");
  builder.out.partial_chain = true;
}

}  // namespace

Trust gnutls_trust(const Spec&, const Eyes& eyes) {
  TrustBuilder builder(eyes);
  ignore_all(builder);
  builder.add(builder.reader.file(kBundle, store::Dialect::kGnuTls), "");
  return std::move(builder.out);
}

Trust wget_trust(const Spec&, const Eyes& eyes) {
  TrustBuilder builder(eyes);
  ignore_all(builder);
  builder.add(builder.reader.file(kBundle, store::Dialect::kGnuTls), "");
  if (builder.out.anchors.empty()) builder.add(builder.reader.every_file(kDirectory, store::Dialect::kGnuTls, true), "");
  return std::move(builder.out);
}

Trust git_trust(const Spec&, const Eyes& eyes) {
  TrustBuilder builder(eyes);
  ignore_all(builder);
  const std::string* file = eyes.variable("GIT_SSL_CAINFO");
  const std::string* directory = eyes.variable("GIT_SSL_CAPATH");
  builder.add(builder.reader.file(file != nullptr ? *file : kBundle, store::Dialect::kGnuTls), file != nullptr ? "GIT_SSL_CAINFO" : "");
  // The compiled bundle may be missing or bad; a file without a block is no error either.
  if (const facts::Source& source = builder.out.sources.back(); file != nullptr && (!source.error.empty() || source.status == "malformed"))
    builder.out.refusal = "error 77: it can't load " + source.path;
  builder.add(builder.reader.every_file(directory != nullptr ? *directory : kDirectory, store::Dialect::kGnuTls, true),
              directory != nullptr ? "GIT_SSL_CAPATH" : "");
  return std::move(builder.out);
}

Trust libcurl_gnutls_trust(const Spec&, const Eyes& eyes) {
  TrustBuilder builder(eyes);
  ignore_all(builder);
  builder.add(builder.reader.file(kBundle, store::Dialect::kGnuTls), "");
  builder.add(builder.reader.every_file(kDirectory, store::Dialect::kGnuTls, true), "");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
