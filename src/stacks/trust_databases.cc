// Clients of databases: libpq (fe-secure-openssl.c, fe-connect.c) and librdkafka (src/rdkafka_ssl.c). MariaDB Connector/C
// (libmariadb/secure/openssl.c) without options is OpenSSL's default look-up, once it is told to check at all.

#include <array>

#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kKafka{"/etc/pki/tls/certs/ca-bundle.crt",
                            "/etc/ssl/certs/ca-bundle.crt",
                            "/etc/pki/tls/certs/ca-bundle.trust.crt",
                            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                            "/etc/ssl/ca-bundle.pem",
                            "/etc/pki/tls/cacert.pem",
                            "/etc/ssl/cert.pem",
                            "/etc/ssl/cacert.pem",
                            "/etc/certs/ca-certificates.crt",
                            "/etc/ssl/certs/ca-certificates.crt",
                            "/etc/ssl/certs",
                            "/usr/local/etc/ssl/cert.pem",
                            "/usr/local/etc/ssl/cacert.pem",
                            "/usr/local/etc/ssl/certs/cert.pem",
                            "/usr/local/etc/ssl/certs/cacert.pem",
                            "/etc/ssl/certs",
                            "/usr/local/etc/ssl/certs"};

}  // namespace

// With sslmode=verify-ca or verify-full; "system" came with 16.
Trust libpq_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  const std::string* own = builder.as.variable_text("PGSSLROOTCERT");
  if (own != nullptr && *own == "system" && Spec::at_least(spec.version, "16")) return builder.openssl_defaults(spec), std::move(builder.out);
  builder.ignores_openssls("libpq reads it with sslrootcert=system only");
  const std::string path = own != nullptr ? *own : builder.as.home() + "/.postgresql/root.crt";
  builder.openssl_file_or_refuse(spec, path, own != nullptr ? "PGSSLROOTCERT" : "");
  return std::move(builder.out);
}

// Builds with OpenSSL linked in, as in the wheel of confluent-kafka, and no ssl.ca.location.
Trust librdkafka_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  for (const std::string path : kKafka) {
    const bool directory = builder.reader.is_directory(path);
    if (directory && builder.reader.names(path).empty()) continue;
    if (!directory && !builder.reader.is_file(path)) continue;
    if (directory)
      builder.openssl_directories(spec, path, "");
    else
      builder.openssl_file(spec, path, "");
    // A file that can't be loaded is passed over.
    if (!directory && builder.out.anchors.empty() && builder.out.rejected.empty()) continue;
    builder.ignores_openssls("librdkafka found a known place first");
    return std::move(builder.out);
  }
  builder.openssl_defaults(spec);
  return std::move(builder.out);
}

// libmysqlclient has no store of its own: ssl-ca or nothing, told with store@FILE.
Trust mysql_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.ignores_openssls("MySQL's client does not read it");
  if (!spec.store.empty()) builder.openssl_file_or_refuse(spec, spec.store, "");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
