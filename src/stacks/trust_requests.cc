// requests: sessions.py merge_environment_settings, adapters.py cert_verify; the `version` is that of the Python below.

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust requests_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  builder.ignores_openssls("requests does not read it");
  std::string variable;
  if (const std::string* path = builder.as.first_of({"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}, variable))
    builder.openssl_path_or_refuse(spec, *path, variable);
  else
    builder.compiled("the roots that certifi brings along");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
