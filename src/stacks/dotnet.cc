// .NET: pal_x509_root.c for the places, OpenSslCachedSystemStoreProvider.cs for what is read there, into which store. Plain
// getenv(3), and every file of a directory whatever its name; PEM until the first bad block. DER is tried only behind what
// was read for PEM, which is the whole file. Only a self-issued certificate is a root.

#include <array>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust dotnet_trust(const Spec& spec, TrustBuilder& builder) {
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

// It verifies apart from the connection, whose level does not count.
static Policy dotnet_policy(const Spec& spec) {
  Policy out = openssl_policy(spec, 0);
  out.any_digest_is_fine = true;
  return out;
}

namespace {
constexpr std::array kMarksOfDotnet{Mark{.symbol = "CryptoNative_EnsureOpenSslInitialized", .library = true}};
constexpr std::array kKnobsOfDotnet{Knob{.name = "SSL_CERT_FILE", .empty_counts = true},
                                    Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true}};
}  // namespace
constinit const Stack kDotnet{.id = "dotnet",
                              .title = ".NET",
                              .versions = "3.1, 9",
                              .standing = Standing::kChecked,
                              .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR",
                              .marks = kMarksOfDotnet,
                              .knobs = kKnobsOfDotnet,
                              .opens_base = true,
                              .trust = dotnet_trust,
                              .policy = dotnet_policy};

}  // namespace tlswhy::stacks
