// BoringSSL and AWS-LC: crypto/x509/x509_def.cc, by_file.cc, by_dir.cc. Variables are read by plain getenv(3), so AT_SECURE
// does not hide them; LibreSSL (by_file.c and by_dir.c of its crypto/x509) reads none.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

// aws-c-io, source/s2n/s2n_tls_channel_handler.c.
constexpr std::array kFilesOfAws{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                 "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"};
constexpr std::array kDirectoriesOfAws{"/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts", "/usr/local/share/certs",
                                       "/etc/openssl/certs"};

}  // namespace

void TrustBuilder::boringssl_file() {
  const std::string* file = as.variable("SSL_CERT_FILE");
  add(reader.file(file != nullptr ? *file : "/etc/ssl/cert.pem", store::Dialect::kBoringSsl), file != nullptr ? "SSL_CERT_FILE" : "");
  out.openssl_codes = true;
}

void TrustBuilder::boringssl_directories() {
  const std::string* directories = as.variable("SSL_CERT_DIR");
  for (const std::string& one : base::split(directories != nullptr ? *directories : "/etc/ssl/certs", ':'))
    if (!one.empty()) add_behind(reader.hashed(one, {.old_names = true}, store::Dialect::kBoringSsl), directories != nullptr ? "SSL_CERT_DIR" : "");
}

static Trust boringssl_trust(const Spec&, TrustBuilder& builder) {
  builder.boringssl_file();
  builder.boringssl_directories();
  return std::move(builder.out);
}

static Trust libressl_trust(const Spec& spec, TrustBuilder& builder) {
  const std::string directory = spec.own_directory ? spec.openssldir : "/etc/ssl";
  builder.ignores_openssls("LibreSSL does not read it, since 2.2.0");
  builder.add(builder.reader.file(directory + "/cert.pem", store::Dialect::kOpenSsl111), "");
  builder.add_behind(builder.reader.hashed(directory + "/certs", {}, store::Dialect::kOpenSsl111), "");
  builder.out.openssl_codes = true;
  return std::move(builder.out);
}

// s2n's default store is that of its library (tls/s2n_config.c); the AWS common runtime adds a known file and directory,
// and creates no context when the file can't be loaded.
static Trust s2n_trust(const Spec&, TrustBuilder& builder) {
  builder.boringssl_file();
  builder.out.partial_chain = true;
  const auto file =
      std::ranges::find_if(kFilesOfAws, [&](const char* one) { return builder.reader.is_file(one) || builder.reader.is_directory(one); });
  if (file != kFilesOfAws.end()) {
    store::AnchorSet set = builder.reader.file(*file, store::Dialect::kBoringSsl);
    // What a TRUSTED block says of purposes is not asked for.
    for (const x509::Certificate& one : set.rejected)
      if (auto plain = x509::Certificate::parse(one.der())) set.anchors.push_back(std::move(*plain));
    if (set.anchors.empty()) builder.out.refusal = std::string("it can't load ") + *file;
    builder.add(std::move(set), "");
  }
  builder.boringssl_directories();
  const auto directory = std::ranges::find_if(kDirectoriesOfAws, [&](const char* one) { return builder.reader.is_directory(one); });
  if (directory != kDirectoriesOfAws.end())
    builder.add_behind(builder.reader.hashed(*directory, {.old_names = true}, store::Dialect::kBoringSsl), "");
  return std::move(builder.out);
}

// x509_vfy.cc.
Policy boringssl_policy(const Spec&) {
  Policy out{.level = 0, .sha1_is_fine = true, .issuer_must_sign = true, .digests_are_unknown = true};
  out.anchor_extensions_count = out.anchor_length_counts = out.address_constraints_known = false;
  return out;
}

// tls/s2n_x509_validator.c over AWS-LC.
static Policy s2n_policy(const Spec& spec) {
  Policy out = boringssl_policy(spec);
  out.own_names = NameRules{.top_level = true, .address_as_text = true};
  out.anchor_extensions_count = out.address_constraints_known = out.root_says_authority = out.wildcards_excluded = true;
  out.keys = {.dsa = false, .p192 = false};
  return out;
}

// The library alone, of Android 13.
static Policy android_policy(const Spec& spec) {
  Policy out = boringssl_policy(spec);
  out.names = Names::kUnchecked, out.any_digest_is_fine = true;
  return out;
}

namespace {
constexpr std::array kMarksOfS2n{Mark{.symbol = "s2n_config_new"}};
constexpr std::array kKnobsOfS2n{Knob{.name = "SSL_CERT_FILE", .adds = true, .empty_counts = true},
                                 Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .adds = true, .empty_counts = true}};
}  // namespace
constinit const Stack kS2n{.id = "s2n",
                           .title = "s2n",
                           .versions = "of aws-crt",
                           .standing = Standing::kChecked,
                           .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR; known places",
                           .marks = kMarksOfS2n,
                           .knobs = kKnobsOfS2n,
                           .trust = s2n_trust,
                           .policy = s2n_policy};

namespace {
constexpr std::array kMarksOfLibreSsl{Mark{.soname = "libcrypto.so", .text = "LibreSSL ", .version_text = "LibreSSL "}};
}  // namespace
constinit const Stack kLibreSsl{.id = "libressl",
                                .title = "LibreSSL",
                                .versions = "2.2 and newer",
                                .standing = Standing::kModelled,
                                .steered_by = "none",
                                .marks = kMarksOfLibreSsl,
                                .trust = libressl_trust,
                                .policy = openssl_policy};

namespace {
constexpr std::array kMarksOfAwsLc{Mark{.text = "/aws-lc/crypto/", .also = "/crypto/fipsmodule/", .lowest = true}};
constexpr std::array kKnobsOfAwsLc{Knob{.name = "SSL_CERT_FILE", .empty_counts = true},
                                   Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true}};
}  // namespace
constinit const Stack kAwsLc{.id = "aws-lc",
                             .title = "AWS-LC",
                             .versions = "of the crate aws-lc-sys 0.47",
                             .standing = Standing::kChecked,
                             .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR",
                             .marks = kMarksOfAwsLc,
                             .knobs = kKnobsOfAwsLc,
                             .default_look_up = "SSL_CERT_FILE",
                             .trust = boringssl_trust,
                             .policy = boringssl_policy};

namespace {
constexpr std::array kMarksOfBoringSsl{Mark{.text = "/crypto/fipsmodule/", .also = "/ssl/ssl_lib.cc", .never = "/aws-lc/crypto/", .lowest = true},
                                       Mark{.text = "/crypto/fipsmodule/", .also = "/crypto/x509/", .never = "/aws-lc/crypto/", .lowest = true}};
constexpr std::array kKnobsOfBoringSsl{Knob{.name = "SSL_CERT_FILE", .empty_counts = true},
                                       Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true}};
}  // namespace
constinit const Stack kBoringSsl{.id = "boringssl",
                                 .title = "BoringSSL",
                                 .versions = "13.0.0+r24 of Android",
                                 .standing = Standing::kChecked,
                                 .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR",
                                 .marks = kMarksOfBoringSsl,
                                 .knobs = kKnobsOfBoringSsl,
                                 .default_look_up = "SSL_CERT_FILE",
                                 .trust = boringssl_trust,
                                 .policy = android_policy};

}  // namespace tlswhy::stacks
