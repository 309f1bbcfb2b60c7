// .NET: pal_x509_root.c for the places, OpenSslCachedSystemStoreProvider.cs for what is read there, into which store. Plain
// getenv(3), and every file of a directory whatever its name; PEM until the first bad block. DER is tried only behind what
// was read for PEM, which is the whole file. Only a self-issued certificate is a root.

#include "base/text.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust dotnet_trust(const Spec& spec, TrustBuilder& builder) {
  const auto dialect = Spec::at_least(spec.openssl, "3.0") ? store::Dialect::kOneByOne : store::Dialect::kOneByOne111;
  const bool newer = Spec::at_least(spec.version, "5");
  const std::string* file = builder.as.variable("SSL_CERT_FILE");
  builder.add(builder.reader.file(file != nullptr ? *file : spec.openssldir + "/cert.pem", dialect), file != nullptr ? "SSL_CERT_FILE" : "");
  const std::string* listed = builder.as.variable("SSL_CERT_DIR");
  const std::string directories = listed != nullptr ? *listed : spec.openssldir + "/certs";
  for (const std::string& one : newer ? base::split(directories, ':') : std::vector{directories}) {
    if (one.empty()) continue;
    // UnauthorizedAccessException, from within the first handshake.
    if (builder.reader.is_directory(one) && !builder.reader.readable(one)) builder.out.refusal = "it can't list " + one;
    builder.add(builder.reader.every_file(one, dialect, true), listed != nullptr ? "SSL_CERT_DIR" : "");
  }
  // A default directory that gives nothing: Debian's own place.
  if (newer && listed == nullptr && builder.out.sources.back().anchors == 0)
    builder.add(builder.reader.every_file("/etc/ssl/certs", dialect, true), "");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
