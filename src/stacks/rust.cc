// Rust: rustls-native-certs 0.7 and 0.8 (src/lib.rs, unix.rs), openssl-probe 0.1 and 0.2 (src/lib.rs), rustls-platform-verifier
// (src/verification/others.rs), webpki-roots, native-tls (src/imp/openssl.rs). Any certificate of a root store ends a chain.

#include <array>

#include "stacks/openssl_probe.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr auto kDialect = store::Dialect::kRustls;

// 0.8.2 on: with a variable, only what it names; a file set to "" is one that can't be opened.
void native_certs(TrustBuilder& builder) {
  const std::string* file = builder.as.variable("SSL_CERT_FILE");
  const auto directories = components(builder.as.variable("SSL_CERT_DIR"));
  if (file != nullptr) builder.add(builder.reader.file(*file, kDialect), "SSL_CERT_FILE");
  for (const std::string& one : directories) builder.add(builder.reader.every_file(one, kDialect, true), "SSL_CERT_DIR");
  if (file != nullptr || !directories.empty()) return;
  const Probed found = probe_openssl(builder);
  if (!found.file.empty()) builder.add(builder.reader.file(found.file, kDialect), found.file_by);
  for (const auto& [path, by] : found.directories) builder.add(builder.reader.every_file(path, kDialect, true), by);
}

// To 0.7.0: one file; its first bad block fails the whole.
void native_certs_of_old(TrustBuilder& builder) {
  const std::string* file = builder.as.variable("SSL_CERT_FILE");
  builder.ignored("SSL_CERT_DIR", "rustls-native-certs reads it since 0.7.1");
  const std::string path = file != nullptr ? *file : probe_openssl_of_old(builder).file;
  if (file == nullptr && path.empty()) return;
  store::AnchorSet set = builder.reader.file(path, kDialect);
  if (set.bad_text || set.error != 0) builder.out.refusal = "it can't load " + path, set.anchors.clear();
  builder.add(std::move(set), file != nullptr ? "SSL_CERT_FILE" : "");
}

}  // namespace

static Trust native_certs_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  Spec::at_least(spec.version, "0.8") ? native_certs(builder) : native_certs_of_old(builder);
  return std::move(builder.out);
}

static Trust platform_verifier_trust(const Spec&, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  native_certs(builder);
  if (builder.out.anchors.empty()) builder.out.refusal = "no CA certificates were loaded from the system";
  return std::move(builder.out);
}

static Trust webpki_roots_trust(const Spec&, TrustBuilder& builder) {
  builder.out.partial_chain = true;  // an anchor is a name and a key
  builder.ignores_openssls("webpki-roots reads nothing");
  builder.compiled("the roots of the crate webpki-roots");
  return std::move(builder.out);
}

// SslConnector's OpenSSL places, then those of the probe; each may fail unnoticed.
static Trust native_tls_trust(const Spec& spec, TrustBuilder& builder) {
  builder.openssl_defaults(spec);
  const Probed found = probe_openssl(builder);
  if (!found.file.empty()) builder.openssl_file(spec, found.file, found.file_by);
  for (const auto& [path, by] : found.directories) builder.openssl_directories(spec, path, by);
  return std::move(builder.out);
}

// uv, crates/uv-client/src/tls.rs: roots compiled in; variables replace them, UV_SYSTEM_CERTS asks for the machine's.
static Trust uv_trust(const Spec&, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  const std::string* file = builder.as.variable_text("SSL_CERT_FILE");
  const auto directories = components(builder.as.variable("SSL_CERT_DIR"));
  if (file != nullptr) builder.add(builder.reader.file(*file, kDialect), "SSL_CERT_FILE");
  for (const std::string& one : directories) builder.add(builder.reader.every_file(one, kDialect, true), "SSL_CERT_DIR");
  if (file != nullptr || !directories.empty()) return std::move(builder.out);
  const std::string* system = builder.as.variable("UV_SYSTEM_CERTS");
  if (system == nullptr || (*system != "1" && *system != "true")) return builder.compiled("the roots compiled into uv"), std::move(builder.out);
  return platform_verifier_trust({}, builder);
}

// rustls-webpki, src/verify_cert.rs.
Policy webpki_policy(const Spec&) {
  // rustls-webpki with ring.
  Policy out;
  out.level = 0;
  out.key_usage_counts = false;
  out.own_names = NameRules{};
  out.end_counts = true;
  out.purposes = Purposes::kExtendedAlone;
  out.self_issued_count = out.wildcards_excluded = out.leaf_is_no_authority = true;
  out.issuers_say_authority = out.empty_usage_is_wrong = true;
  out.anchor = AnchorCounts::kItsNames;
  out.keys = {
      .dsa = false, .p192 = false, .p521 = false, .other_curves = false, .explicit_curves = false, .smallest_rsa = 2048, .leaf_counts = false};
  out.search = {.alternatives = true, .leaf_may_be_anchor = false, .most_issuers = 7};
  return out;
}

namespace {
constexpr std::array kMarksOfUv{Mark{.text = "UV_NATIVE_TLS", .also = "crates/uv/src/commands/"}};
constexpr std::array kKnobsOfUv{Knob{.name = "SSL_CERT_FILE"}, Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory},
                                Knob{.name = "UV_SYSTEM_CERTS", .holds = Holds::kFlag}};
}  // namespace
constinit const Stack kUv{.id = "uv",
                          .title = "uv",
                          .versions = "0.13",
                          .standing = Standing::kChecked,
                          .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR, UV_SYSTEM_CERTS",
                          .marks = kMarksOfUv,
                          .knobs = kKnobsOfUv,
                          .trust = uv_trust,
                          .policy = webpki_policy};

namespace {
constexpr std::array kMarksOfRustlsPlatformVerifier{
    Mark{.text = "/rustls-platform-verifier-", .also = "SSL_CERT_FILE", .version_text = "/rustls-platform-verifier-"}};
constexpr std::array kKnobsOfRustlsPlatformVerifier{Knob{.name = "SSL_CERT_FILE", .empty_counts = true},
                                                    Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true}};
}  // namespace
constinit const Stack kRustlsPlatformVerifier{.id = "rustls-platform-verifier",
                                              .title = "rustls-platform-verifier",
                                              .versions = "0.7",
                                              .standing = Standing::kChecked,
                                              .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR",
                                              .marks = kMarksOfRustlsPlatformVerifier,
                                              .knobs = kKnobsOfRustlsPlatformVerifier,
                                              .trust = platform_verifier_trust,
                                              .policy = webpki_policy};

namespace {
// Of openssl-probe 0.2 and 0.1: the compiler joins the places that it tries. Beside rustls, where no path of a crate says whose they are.
constexpr std::string_view kProbed = "/opt/etc/ssl/certs/ca-certificates.crt/etc/ssl/certs/cacert.pem",
                           kProbedOfOld = "/usr/local/etc/openssl/usr/lib/ssl";
// rustls/src/error.rs.
constexpr std::string_view kRustls = "invalid peer certificate";
constexpr std::array kMarksOfRustlsNativeCerts{
    Mark{.text = "/rustls-native-certs-", .also = "SSL_CERT_FILE", .version_text = "/rustls-native-certs-"},
    Mark{.text = kProbed, .also = kRustls, .never = "/rustls-platform-verifier-"},
    Mark{.text = kProbedOfOld, .also = kRustls, .never = "/rustls-platform-verifier-"}};
constexpr std::array kKnobsOfRustlsNativeCerts{Knob{.name = "SSL_CERT_FILE", .empty_counts = true},
                                               Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true}};
}  // namespace
constinit const Stack kRustlsNativeCerts{.id = "rustls-native-certs",
                                         .title = "rustls-native-certs",
                                         .versions = "0.7.0, 0.8",
                                         .standing = Standing::kChecked,
                                         .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR",
                                         .marks = kMarksOfRustlsNativeCerts,
                                         .knobs = kKnobsOfRustlsNativeCerts,
                                         .trust = native_certs_trust,
                                         .policy = webpki_policy};

namespace {
constexpr std::array kMarksOfNativeTls{Mark{.text = "/native-tls-0", .also = "SSL_CERT_FILE", .version_text = "/native-tls-0", .version_at = 12}};
}  // namespace
constinit const Stack kNativeTls{.id = "native-tls",
                                 .title = "native-tls",
                                 .versions = "0.2.18",
                                 .standing = Standing::kChecked,
                                 .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR; known places",
                                 .marks = kMarksOfNativeTls,
                                 .knobs = kOpenSslKnobs,
                                 .trust = native_tls_trust,
                                 .policy = openssl_policy};

// An anchor of all its versions: the end of a name, and at once its key (store/compiled_roots.cc).
namespace {
constexpr std::array kMarksOfWebpkiRoots{Mark{.text = "ISRG Root X10\r\x06\t*\x86H\x86\xf7\r\x01\x01\x01", .also = "Amazon Root CA 1"}};
}  // namespace
constinit const Stack kWebpkiRoots{.id = "webpki-roots",
                                   .title = "webpki-roots",
                                   .versions = "1.0",
                                   .standing = Standing::kChecked,
                                   .steered_by = "none",
                                   .marks = kMarksOfWebpkiRoots,
                                   .trust = webpki_roots_trust,
                                   .policy = webpki_policy};

}  // namespace tlswhy::stacks
