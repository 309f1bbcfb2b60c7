// Bun: packages/bun-usockets/src/crypto/root_certs.cpp and root_certs_linux.cpp. Roots are compiled in; BoringSSL's places
// count beside them in 1.1 and from 1.3 on; the system's only when asked for (1.2 on).

#include <array>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kFiles{"/etc/ssl/certs/ca-certificates.crt",
                            "/etc/pki/tls/certs/ca-bundle.crt",
                            "/etc/ssl/ca-bundle.pem",
                            "/etc/pki/tls/cert.pem",
                            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                            "/etc/ssl/cert.pem",
                            "/usr/local/etc/openssl/cert.pem",
                            "/usr/local/share/ca-certificates/ca-certificates.crt"};
constexpr std::array kDirectories{"/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/share/ca-certificates", "/usr/local/share/certs",
                                  "/etc/openssl/certs"};
constexpr std::array<std::string_view, 3> kEndings{".crt", ".pem", ".cer"};

// To 1.3: with a variable, only what it names, and in a directory only names that end like a certificate's.
void add_system(TrustBuilder& builder, bool of_old) {
  const std::string* file = builder.as.variable("SSL_CERT_FILE");
  const std::string* directories = builder.as.variable("SSL_CERT_DIR");
  const auto dialect = of_old ? store::Dialect::kOneByOneBoringSsl : store::Dialect::kOneByOneInMemory;
  const auto add_file = [&](const std::string& path, const char* by) { builder.add(builder.reader.file(path, dialect), by); };
  const auto add_directory = [&](const std::string& path, const char* by) {
    builder.add(of_old ? builder.reader.files_named(path, dialect, kEndings) : builder.reader.every_file(path, dialect, true), by);
  };
  if (file != nullptr) add_file(*file, "SSL_CERT_FILE");
  if (directories != nullptr)
    for (const std::string& one : base::split(*directories, ':')) add_directory(one, "SSL_CERT_DIR");
  if (of_old && (file != nullptr || directories != nullptr)) return;
  for (const char* one : kFiles)
    if (file == nullptr && builder.reader.is_file(one)) add_file(one, "");
  for (const char* one : kDirectories)
    if (directories == nullptr && builder.reader.is_directory(one)) add_directory(one, "");
}

}  // namespace

static Trust bun_trust(const Spec& spec, TrustBuilder& builder) {
  builder.compiled("the roots compiled into Bun");
  if (!Spec::at_least(spec.version, "1.2")) builder.out.prefers = Preference::kSentThenStore;
  const bool has_system = Spec::at_least(spec.version, "1.2");
  const std::string* asked = builder.as.variable("NODE_USE_SYSTEM_CA");
  const bool system = has_system && asked != nullptr && *asked == "1";
  if (has_system && !Spec::at_least(spec.version, "1.3") && !system)
    builder.ignores_openssls("Bun 1.2 reads it with --use-system-ca only");
  else
    builder.boringssl_file(), builder.boringssl_directories();
  if (system) add_system(builder, !Spec::at_least(spec.version, "1.4"));
  builder.out.openssl_codes = true;
  if (const std::string* extra = builder.as.variable_text("NODE_EXTRA_CA_CERTS")) {
    store::AnchorSet set = builder.reader.file(*extra, store::Dialect::kOneByOneInMemory);
    // With a warning, unless 1.2 reads the system's too.
    const bool keeps = !has_system || (system && !Spec::at_least(spec.version, "1.3"));
    if (!keeps && !set.damage.empty()) set.anchors.clear();
    builder.add(std::move(set), "NODE_EXTRA_CA_CERTS");
  }
  return std::move(builder.out);
}

static Policy bun_policy(const Spec& spec) {
  Policy out = boringssl_policy(spec);
  out.last_fault = out.name_last = true;
  if (!Spec::at_least(spec.version, "1.3")) out.names = Names::kAlternativeOnly;
  if (Spec::at_least(spec.version, "1.4")) out.anchor_length_counts = out.wildcards_excluded = true;
  return out;
}

namespace {
constexpr std::array kMarksOfBun{Mark{.symbol = "napi_create_function", .text = "BUN_INSTALL_CACHE_DIR", .version_text = "Bun v1", .version_at = 5}};
constexpr std::array kKnobsOfBun{
    Knob{.name = "SSL_CERT_FILE", .empty_counts = true}, Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true},
    Knob{.name = "NODE_EXTRA_CA_CERTS", .adds = true}, Knob{.name = "NODE_USE_SYSTEM_CA", .holds = Holds::kFlag, .adds = true}};
constexpr std::array<std::string_view, 6> kShakeOfBun{"{exe}", "-e", kShakeInJavaScript, "{address}", "{port}", "{name}"};
}  // namespace
constinit const Stack kBun{.id = "bun",
                           .title = "Bun",
                           .versions = "1.1-1.4",
                           .standing = Standing::kChecked,
                           .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR, NODE_EXTRA_CA_CERTS, NODE_USE_SYSTEM_CA",
                           .marks = kMarksOfBun,
                           .knobs = kKnobsOfBun,
                           .trust = bun_trust,
                           .policy = bun_policy,
                           .shake = kShakeOfBun};

}  // namespace tlswhy::stacks
