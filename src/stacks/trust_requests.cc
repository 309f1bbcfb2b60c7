// requests: sessions.py merge_environment_settings, adapters.py cert_verify; the `version` is that of the Python below.

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust requests_trust(const Spec& spec, const Eyes& eyes) {
  TrustBuilder builder(eyes);
  builder.out.openssl_codes = true;
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  builder.ignored("SSL_CERT_FILE", false, "requests does not read it");
  builder.ignored("SSL_CERT_DIR", true, "requests does not read it");
  std::string variable = "REQUESTS_CA_BUNDLE";
  if (eyes.variable_text(variable) == nullptr) variable = "CURL_CA_BUNDLE";
  const std::string* path = eyes.variable_text(variable);
  if (path == nullptr) return builder.compiled("the roots that certifi brings along"), std::move(builder.out);
  if (builder.reader.is_directory(*path)) return builder.openssl_directories(spec, *path, variable), std::move(builder.out);
  builder.openssl_file_or_refuse(spec, *path, variable);
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
