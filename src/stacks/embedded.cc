// Libraries that read nothing unless a program asks: mbedTLS (library/x509_crt.c) and wolfSSL (src/ssl_load.c,
// wolfSSL_CTX_load_system_CA_certs). What the program asks for is told with store@PATH.

#include <algorithm>
#include <array>
#include <iterator>

#include "elf/accessor.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kDirectories{"/etc/ssl/certs", "/etc/pki/ca-trust/source/anchors", "/etc/pki/tls/certs"};

}  // namespace

static Trust mbedtls_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  builder.ignores_openssls("mbedTLS does not read it");
  if (spec.store.empty()) return std::move(builder.out);
  store::AnchorSet set = builder.reader.file(spec.store, store::Dialect::kMbedTls);
  if (set.anchors.empty() && set.damage.empty() && set.error == 0) std::ranges::move(builder.reader.der(spec.store), std::back_inserter(set.anchors));
  // The one critical extension of authorities that it does not know (library/x509_crt.c, x509_get_crt_ext).
  std::erase_if(set.anchors, x509::has_critical_name_constraints);
  if (set.anchors.empty()) builder.out.refusal = "it can't load " + spec.store;
  builder.add(std::move(set), "");
  return std::move(builder.out);
}

static Trust wolfssl_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  if (!spec.store.empty()) return builder.add(builder.reader.file(spec.store, store::Dialect::kWolfSsl), ""), std::move(builder.out);
  builder.ignores_openssls("read only by its OpenSSL layer");
  for (const char* one : kDirectories) {
    builder.add(builder.reader.every_file(one, store::Dialect::kWolfSsl, true), "");
    if (!builder.out.anchors.empty()) break;
  }
  return std::move(builder.out);
}

// library/x509_crt.c.
static Policy mbedtls_policy(const Spec&) {
  Policy out{.level = 1, .leaf_purpose_only = true, .knows_name_constraints = false};
  out.own_names = NameRules{.top_level = true, .addresses = false, .address_as_text = true, .common_name = NameRules::CommonName::kWithoutAnyName};
  out.end_counts = out.self_issued_count = out.root_says_authority = true;
  out.keys = {.dsa = false, .smallest_rsa = 2048};
  out.search.prefers_valid = true;
  return out;
}

// asn.c.
static Policy wolfssl_policy(const Spec&) {
  Policy out{.level = 0, .leaf_purpose_only = true, .any_digest_is_fine = true, .key_usage_is_needed = true, .names = Names::kUnchecked};
  out.end_counts = out.self_issued_count = true;
  out.anchor_length_counts = false;
  out.common_extensions_known = true;
  out.keys = {.dsa = false, .p192 = false};
  out.search.alternatives = true;
  return out;
}

namespace {
constexpr std::array kMarksOfMbedTls{
    Mark{.symbol = "mbedtls_ssl_setup", .library = true},
    // library/error.c, library/version.c (to 2.x with a small letter).
    Mark{.text = "X509 - Certificate verification failed, e.g. CRL, CA or signature check failed", .version_text = "Mbed TLS ", .versioned = true},
    Mark{.text = "X509 - Certificate verification failed, e.g. CRL, CA or signature check failed", .version_text = "mbed TLS ", .versioned = true}};
}  // namespace
constinit const Stack kMbedTls{.id = "mbedtls",
                               .title = "mbedTLS",
                               .versions = "2.28",
                               .standing = Standing::kChecked,
                               .steered_by = "none: the program loads its own",
                               .marks = kMarksOfMbedTls,
                               .trust = mbedtls_trust,
                               .policy = mbedtls_policy};

namespace {
constexpr std::array kMarksOfWolfSsl{Mark{.symbol = "wolfSSL_CTX_load_verify_locations", .library = true}};
}  // namespace
constinit const Stack kWolfSsl{
    .id = "wolfssl",
    .title = "wolfSSL",
    .versions = "5.5, wolfSSL_CTX_load_system_CA_certs",
    .standing = Standing::kChecked,
    .steered_by = "none: the program asks for the system's or loads its own",
    .marks = kMarksOfWolfSsl,
    .version_of = [](const Candidate& candidate) { return elf::decode_string_accessor(candidate.file, "wolfSSL_lib_version").value_or(""); },
    .trust = wolfssl_trust,
    .policy = wolfssl_policy};

}  // namespace tlswhy::stacks
