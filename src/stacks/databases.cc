// Clients of databases: libpq (fe-secure-openssl.c, fe-connect.c) and librdkafka (src/rdkafka_ssl.c). MariaDB Connector/C
// (libmariadb/secure/openssl.c) without options is OpenSSL's default look-up, once it is told to check at all.

#include <fmt/format.h>

#include <array>

#include "elf/accessor.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
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

// 150013 is 15.13, 90624 is 9.6.24 (fe-exec.c, PQlibVersion).
static std::string libpq_version(const Candidate& candidate) {
  const auto number = elf::decode_number_accessor(candidate.file, "PQlibVersion");
  if (!number || *number < 80'000 || *number > 999'999) return "";
  if (*number >= 100'000) return fmt::format("{}.{}", *number / 10'000, *number % 10'000);
  return fmt::format("{}.{}.{}", *number / 10'000, *number / 100 % 100, *number % 100);
}

// 0x020801ff is 2.8.1 (rdkafka.h, RD_KAFKA_VERSION).
static std::string librdkafka_version(const Candidate& candidate) {
  const auto number = elf::decode_number_accessor(candidate.file, "rd_kafka_version");
  return !number || *number >> 32U != 0 ? "" : fmt::format("{}.{}.{}", *number >> 24U & 0xffU, *number >> 16U & 0xffU, *number >> 8U & 0xffU);
}

// With sslmode=verify-ca or verify-full; "system" came with 16.
static Trust libpq_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  const std::string* own = builder.as.variable_text("PGSSLROOTCERT");
  if (own != nullptr && *own == "system" && Spec::at_least(spec.version, "16")) return builder.openssl_defaults(spec), std::move(builder.out);
  builder.ignores_openssls("libpq reads it with sslrootcert=system only");
  const std::string path = own != nullptr ? *own : builder.as.home() + "/.postgresql/root.crt";
  builder.openssl_file_or_refuse(spec, path, own != nullptr ? "PGSSLROOTCERT" : "");
  return std::move(builder.out);
}

// Builds with OpenSSL linked in, as in the wheel of confluent-kafka, and no ssl.ca.location.
static Trust librdkafka_trust(const Spec& spec, TrustBuilder& builder) {
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

// libmysqlclient has no store of its own: ssl-ca or nothing, told with store@FILE. Without one its ssl-mode is PREFERRED, which verifies nothing
// (sql-common/client.cc).
static Trust mysql_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.ignores_openssls("MySQL's client does not read it");
  builder.out.verifies_nothing = spec.store.empty() && spec.loaded.empty();
  if (!spec.store.empty()) builder.openssl_file_or_refuse(spec, spec.store, "");
  return std::move(builder.out);
}

// The name is checked only when asked for, with verify-full or VERIFY_IDENTITY.
static Policy unnamed_policy(const Spec& spec) {
  Policy out = openssl_policy(spec);
  out.names = Names::kUnchecked;
  return out;
}

namespace {
constexpr std::array kMarksOfLibpq{
    Mark{.symbol = "PQconnectStartParams", .library = true},
    // fe-secure-openssl.c, fe-connect.c.
    Mark{.text = "could not get home directory to locate root certificate file", .also = "invalid sslmode value: \"%s\""}};
constexpr std::array kKnobsOfLibpq{
    Knob{.name = "PGSSLROOTCERT"}, Knob{.name = "sslrootcert", .kind = KnobKind::kProperty},
    Knob{.name = "SSL_CERT_FILE", .empty_counts = true, .silenced = true, .with = "sslrootcert=system"},
    Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true, .silenced = true, .with = "sslrootcert=system"}};
}  // namespace
constinit const Stack kLibpq{.id = "libpq",
                             .title = "libpq",
                             .versions = "15, 17",
                             .standing = Standing::kChecked,
                             .steered_by = "PGSSLROOTCERT, sslrootcert",
                             .marks = kMarksOfLibpq,
                             .knobs = kKnobsOfLibpq,
                             .version_of = libpq_version,
                             .trust = libpq_trust,
                             .policy = unnamed_policy};

namespace {
constexpr std::array kMarksOfLibrdkafka{Mark{.symbol = "rd_kafka_conf_set", .library = true}};
constexpr std::array kKnobsOfLibrdkafka{Knob{.name = "ssl.ca.location", .kind = KnobKind::kProperty, .holds = Holds::kEither}};
}  // namespace
constinit const Stack kLibrdkafka{.id = "librdkafka",
                                  .title = "librdkafka",
                                  .versions = "with OpenSSL linked in",
                                  .standing = Standing::kChecked,
                                  .steered_by = "ssl.ca.location; else known places",
                                  .marks = kMarksOfLibrdkafka,
                                  .knobs = kKnobsOfLibrdkafka,
                                  .version_of = librdkafka_version,
                                  .trust = librdkafka_trust,
                                  .policy = openssl_policy};

namespace {
constexpr std::array kMarksOfMysql{
    Mark{.soname = "libmysqlclient.so", .symbol = "mysql_real_connect"},
    // sql-common/client_plugin.cc, client.cc.
    Mark{.text = "LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN", .also = "Can't connect to local MySQL server through socket '%-.100s' (%d)"}};
constexpr std::array kKnobsOfMysql{Knob{.name = "ssl-ca", .kind = KnobKind::kProperty},
                                   Knob{.name = "ssl-capath", .kind = KnobKind::kProperty, .holds = Holds::kDirectory}};
}  // namespace
constinit const Stack kMysql{.id = "mysql",
                             .title = "MySQL's client",
                             .versions = "libmysqlclient 26",
                             .standing = Standing::kChecked,
                             .steered_by = "ssl-ca, ssl-capath",
                             .marks = kMarksOfMysql,
                             .knobs = kKnobsOfMysql,
                             .trust = mysql_trust,
                             .policy = unnamed_policy};

namespace {
constexpr std::array kMarksOfMariaDb{Mark{.soname = "libmariadb.so", .symbol = "mysql_real_connect"}};
}  // namespace
constinit const Stack kMariaDb{.id = "mariadb",
                               .title = "MariaDB Connector/C",
                               .versions = "Connector/C with OpenSSL",
                               .standing = Standing::kChecked,
                               .steered_by = "those of its OpenSSL, ssl-ca, ssl-capath",
                               .marks = kMarksOfMariaDb,
                               .knobs = kOpenSslKnobs,
                               .asks_base = true,
                               .trust = openssl_trust,
                               .policy = openssl_policy};

}  // namespace tlswhy::stacks
