// Libraries that read nothing unless a program asks: mbedTLS (library/x509_crt.c) and wolfSSL (src/ssl_load.c,
// wolfSSL_CTX_load_system_CA_certs). What the program asks for is told with store@PATH.

#include <algorithm>
#include <array>
#include <iterator>

#include "stacks/trust.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kDirectories{"/etc/ssl/certs", "/etc/pki/ca-trust/source/anchors", "/etc/pki/tls/certs"};

}  // namespace

Trust mbedtls_trust(const Spec& spec, TrustBuilder& builder) {
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

Trust wolfssl_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  if (!spec.store.empty()) return builder.add(builder.reader.file(spec.store, store::Dialect::kWolfSsl), ""), std::move(builder.out);
  builder.ignores_openssls("read only by its OpenSSL layer");
  for (const char* one : kDirectories) {
    builder.add(builder.reader.every_file(one, store::Dialect::kWolfSsl, true), "");
    if (!builder.out.anchors.empty()) break;
  }
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
