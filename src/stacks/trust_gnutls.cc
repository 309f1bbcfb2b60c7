// GnuTLS: lib/system/certs.c add_system_trust with the bundle that is compiled in; wget: src/gnutls.c; git through
// libcurl-gnutls: http.c and lib/vtls/gtls.c. No variable of GnuTLS's own names a store.

#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr auto kDialect = store::Dialect::kGnuTls;

// Not every distribution has one.
void add_directory(TrustBuilder& builder, const std::string& path, const std::string& variable) {
  if (!path.empty()) builder.add(builder.reader.every_file(path, kDialect, true), variable);
}

void ignore_all(TrustBuilder& builder) {
  builder.ignores_openssls("GnuTLS does not read it");
  builder.out.partial_chain = true;
}

}  // namespace

Trust gnutls_trust(const Spec& spec, TrustBuilder& builder) {
  ignore_all(builder);
  builder.add(builder.reader.file(spec.bundle, kDialect), "");
  return std::move(builder.out);
}

Trust wget_trust(const Spec& spec, TrustBuilder& builder) {
  ignore_all(builder);
  builder.add(builder.reader.file(spec.bundle, kDialect), "");
  if (builder.out.anchors.empty()) add_directory(builder, spec.hashed, "");
  return std::move(builder.out);
}

Trust git_trust(const Spec& spec, TrustBuilder& builder) {
  ignore_all(builder);
  const std::string* file = builder.as.variable("GIT_SSL_CAINFO");
  const std::string* directory = builder.as.variable("GIT_SSL_CAPATH");
  builder.add(builder.reader.file(file != nullptr ? *file : spec.bundle, kDialect), file != nullptr ? "GIT_SSL_CAINFO" : "");
  // The compiled bundle may be missing or bad; a file without a block is no error either.
  if (const facts::Source& source = builder.out.sources.back(); file != nullptr && (!source.error.empty() || source.status == "malformed"))
    builder.out.refusal = "error 77: it can't load " + source.path;
  add_directory(builder, directory != nullptr ? *directory : spec.hashed, directory != nullptr ? "GIT_SSL_CAPATH" : "");
  return std::move(builder.out);
}

// The library reads no variable of git's.
Trust libcurl_gnutls_trust(const Spec& spec, TrustBuilder& builder) { return without_environment(git_trust, spec, builder); }

}  // namespace tlswhy::stacks
