// crypto/x509/root_linux.go and root_unix.go (root.go from 1.27): one file, the first that can be read, and the directories.

#include <array>

#include "base/text.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kFiles{"/etc/ssl/certs/ca-certificates.crt",
                            "/etc/pki/tls/certs/ca-bundle.crt",
                            "/etc/ssl/ca-bundle.pem",
                            "/etc/pki/tls/cacert.pem",
                            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                            "/etc/ssl/cert.pem"};
constexpr const char* kDirectories = "/etc/ssl/certs:/etc/pki/tls/certs";

}  // namespace

Trust go_trust(const Spec&, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  if (const std::string* file = builder.as.variable_text("SSL_CERT_FILE")) {
    builder.add(builder.reader.file(*file, store::Dialect::kGo), "SSL_CERT_FILE");
  } else {
    for (const char* one : kFiles) {
      builder.add(builder.reader.file(one, store::Dialect::kGo), "");
      if (builder.out.sources.back().error.empty()) break;
    }
  }
  const std::string* directories = builder.as.variable_text("SSL_CERT_DIR");
  for (const std::string& one : base::split(directories != nullptr ? *directories : kDirectories, ':'))
    builder.add(builder.reader.every_file(one, store::Dialect::kGo, false), directories != nullptr ? "SSL_CERT_DIR" : "");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
