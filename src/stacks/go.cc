// crypto/x509/root_linux.go and root_unix.go (root.go from 1.27): one file, the first that can be read, and the directories.

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
                            "/etc/pki/tls/cacert.pem",
                            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                            "/etc/ssl/cert.pem"};
constexpr const char* kDirectories = "/etc/ssl/certs:/etc/pki/tls/certs";

}  // namespace

static Trust go_trust(const Spec&, TrustBuilder& builder) {
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

// crypto/x509/verify.go.
// crypto/x509/verify.go, 1.26.
static Policy go_policy(const Spec&) {
  Policy out;
  out.level = 0;
  out.own_names = NameRules{.top_level = true};
  out.end_counts = true;
  out.purposes = Purposes::kExtendedAlone;
  out.self_issued_count = out.root_says_authority = out.wildcards_excluded = true;
  out.other_constraints_known = false;
  out.keys = {.dsa = false, .dsa_leaf = true, .p192 = false, .other_curves = false, .explicit_curves = false};
  out.passed_over = {kNoVerdict};
  out.refused = x509::kNegativeSerial | x509::kEmptyConstraints | x509::kUnreadableAccess;
  out.search.alternatives = true;
  return out;
}

// debug/buildinfo: a flag in byte 15, and from 1.18 on the version as a string with its length behind byte 32: "go1.24.4".
static constexpr std::size_t kVersionAt = 35;

namespace {
constexpr std::array kMarksOfGo{
    Mark{.text = "/etc/pki/tls/certs/ca-bundle.crt", .version_text = "\xff Go buildinf:", .version_at = kVersionAt, .versioned = true}};
constexpr std::array kKnobsOfGo{Knob{.name = "SSL_CERT_FILE"}, Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory}};
}  // namespace
constinit const Stack kGo{.id = "go",
                          .title = "Go crypto/x509",
                          .versions = "1.21-1.26",
                          .standing = Standing::kChecked,
                          .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR",
                          .marks = kMarksOfGo,
                          .knobs = kKnobsOfGo,
                          .trust = go_trust,
                          .policy = go_policy};

}  // namespace tlswhy::stacks
