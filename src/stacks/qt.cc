// Qt 5 and 6 with OpenSSL: qsslsocket.cpp unixRootCertDirectories, qtlsbackend_openssl.cpp systemCaCertificates. Variables of
// OpenSSL are not read: its default places are never asked for.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kDirectories{"/etc/ssl/certs/",       "/usr/lib/ssl/certs/", "/usr/share/ssl/",     "/usr/local/ssl/", "/var/ssl/certs/",
                                  "/usr/local/ssl/certs/", "/etc/openssl/certs/", "/opt/openssl/certs/", "/etc/ssl/"};
constexpr std::array kBundles{"/etc/pki/tls/certs/ca-bundle.crt", "/usr/local/share/certs/ca-root-nss.crt"};
constexpr std::array<std::string_view, 2> kEndings{".pem", ".crt"};

}  // namespace

static Trust qt_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.ignores_openssls("Qt does not read it");
  const bool hashed =
      std::ranges::any_of(kDirectories, [&](const char* one) { return std::ranges::any_of(builder.reader.names(one), base::is_hash_name); });
  for (const std::string path : kDirectories) {
    if (!builder.reader.is_directory(path)) continue;
    if (hashed)
      builder.openssl_directories(spec, path, "");  // as a subject is wanted
    else
      builder.add(builder.reader.files_named(path, store::Dialect::kQt, kEndings), "");
  }
  for (const char* path : kBundles)
    if (!hashed && builder.reader.is_file(path)) builder.add(builder.reader.file(path, store::Dialect::kQt), "");
  return std::move(builder.out);
}

namespace {
constexpr std::array kMarksOfQt{Mark{.symbol = "_ZN10QSslSocketC1EP7QObject", .library = true}};
}  // namespace
constinit const Stack kQt{.id = "qt",
                          .title = "Qt",
                          .versions = "5, 6, with OpenSSL",
                          .standing = Standing::kChecked,
                          .steered_by = "none",
                          .marks = kMarksOfQt,
                          .opens_base = true,
                          .trust = qt_trust,
                          .policy = openssl_policy};

}  // namespace tlswhy::stacks
