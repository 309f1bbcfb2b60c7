// truststore 0.10, _openssl.py: OpenSSL's places when ssl.get_default_verify_paths names a file that is there, or a
// directory with a hash name in it; else the first known bundle that is there.

#include <algorithm>
#include <array>
#include <cctype>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kBundles{"/etc/ssl/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/pki/tls/cert.pem",
                              "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/ca-bundle.pem"};

// "hhhhhhhh.d" in whatever letters.
bool counts(const std::string& name) {
  return name.size() == 10 && name[8] == '.' && std::isdigit(static_cast<unsigned char>(name[9])) != 0 &&
         std::ranges::all_of(name.substr(0, 8), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

}  // namespace

Trust truststore_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  const std::string* file = builder.as.variable("SSL_CERT_FILE");
  const std::string* directory = builder.as.variable("SSL_CERT_DIR");
  if (builder.reader.is_file(file != nullptr ? *file : spec.openssldir + "/cert.pem")) return builder.openssl_defaults(spec), std::move(builder.out);
  const std::string where = directory != nullptr ? *directory : spec.openssldir + "/certs";
  if (builder.reader.is_directory(where) && !builder.reader.readable(where))
    return builder.out.refusal = "it can't list " + where, std::move(builder.out);
  if (std::ranges::any_of(builder.reader.names(where), counts)) return builder.openssl_defaults(spec), std::move(builder.out);
  for (const char* one : kBundles) {
    if (!builder.reader.is_file(one)) continue;
    builder.openssl_file_or_refuse(spec, one, "");
    break;
  }
  return std::move(builder.out);
}

constinit const Stack kTruststore{.id = "truststore",
                                  .title = "truststore",
                                  .versions = "0.10",
                                  .standing = Standing::kChecked,
                                  .steered_by = "those of its OpenSSL; else a known bundle",
                                  .knobs = kOpenSslKnobs,
                                  .trust = truststore_trust,
                                  .policy = openssl_policy};

}  // namespace tlswhy::stacks
