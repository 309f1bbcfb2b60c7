// Rust: rustls-native-certs 0.7 and 0.8 (src/lib.rs, unix.rs), openssl-probe 0.1 and 0.2 (src/lib.rs), rustls-platform-verifier
// (src/verification/others.rs), webpki-roots, native-tls (src/imp/openssl.rs). Any certificate of a root store ends a chain.

#include "stacks/openssl_probe.h"
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

Trust native_certs_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  Spec::at_least(spec.version, "0.8") ? native_certs(builder) : native_certs_of_old(builder);
  return std::move(builder.out);
}

Trust platform_verifier_trust(const Spec&, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  native_certs(builder);
  if (builder.out.anchors.empty()) builder.out.refusal = "no CA certificates were loaded from the system";
  return std::move(builder.out);
}

Trust webpki_roots_trust(const Spec&, TrustBuilder& builder) {
  builder.ignores_openssls("webpki-roots reads nothing");
  builder.compiled("the roots of the crate webpki-roots");
  return std::move(builder.out);
}

// SslConnector's OpenSSL places, then those of the probe; each may fail unnoticed.
Trust native_tls_trust(const Spec& spec, TrustBuilder& builder) {
  builder.openssl_defaults(spec);
  const Probed found = probe_openssl(builder);
  if (!found.file.empty()) builder.openssl_file(spec, found.file, found.file_by);
  for (const auto& [path, by] : found.directories) builder.openssl_directories(spec, path, by);
  return std::move(builder.out);
}

// uv, crates/uv-client/src/tls.rs: roots compiled in; variables replace them, UV_SYSTEM_CERTS asks for the machine's.
Trust uv_trust(const Spec&, TrustBuilder& builder) {
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

}  // namespace tlswhy::stacks
