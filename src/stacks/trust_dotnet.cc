// .NET: pal_x509_root.c for the places, OpenSslCachedSystemStoreProvider.cs for what is read there, into which store. Plain
// getenv(3), and every file of a directory whatever its name. Only a self-issued certificate is a root.

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

// PEM certificates until the first bad one; since .NET 5, or else one DER certificate.
store::AnchorSet read(const TrustBuilder& builder, const std::string& path, store::Dialect dialect, bool der_too) {
  store::AnchorSet set = builder.reader.file(path, dialect);
  if (der_too && set.anchors.empty() && set.error == 0) std::ranges::move(builder.reader.der(path), std::back_inserter(set.anchors));
  return set;
}

}  // namespace

Trust dotnet_trust(const Spec& spec, const Eyes& eyes) {
  const auto dialect = Spec::at_least(spec.openssl, "3.0") ? store::Dialect::kOneByOne : store::Dialect::kOneByOne111;
  const bool newer = Spec::at_least(spec.version, "5");
  TrustBuilder builder(eyes);
  const std::string* file = eyes.variable("SSL_CERT_FILE");
  builder.add(read(builder, file != nullptr ? *file : spec.openssldir + "/cert.pem", dialect, newer), file != nullptr ? "SSL_CERT_FILE" : "");
  const std::string* listed = eyes.variable("SSL_CERT_DIR");
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
