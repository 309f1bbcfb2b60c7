// Python packages on top of requests' ways: certifi, botocore (session.py, httpsession.py), pip (_internal/cli/index_command.py).
// The `version` is that of the Python below.

#include "stacks/trust.h"

namespace tlswhy::stacks {
Trust certifi_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  builder.ignores_openssls("certifi does not read it");
  builder.compiled("the roots that certifi brings along");
  return std::move(builder.out);
}

Trust botocore_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.ignores_openssls("botocore does not read it");
  // The first that is set, even to "", which it refuses.
  for (const char* variable : {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"})
    if (const std::string* path = builder.as.variable(variable)) return builder.openssl_file_or_refuse(spec, *path, variable), std::move(builder.out);
  builder.compiled("the roots that certifi brings along");
  return std::move(builder.out);
}

// 24.2 on with Python 3.10 on: truststore's choice and certifi's roots, and what a variable names beside them.
Trust pip_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out = truststore_trust(spec, builder);
  builder.compiled("the roots that pip brings along");
  std::string variable;
  if (const std::string* path = builder.as.first_of({"PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}, variable))
    builder.openssl_path_or_refuse(spec, *path, variable);
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
