// curl: src/tool_operate.c for the variables, lib/vtls/openssl.c for the files. Builds have the distribution's bundle and directory.

#include <algorithm>
#include <iterator>

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust curl_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.out.partial_chain = true;  // since 7.68.0
  std::string bundle = spec.bundle, directory = spec.hashed, by, directory_by;
  if (const std::string* own = builder.as.variable_text("CURL_CA_BUNDLE")) {
    bundle = *own, by = "CURL_CA_BUNDLE";
    builder.ignores_openssls("CURL_CA_BUNDLE comes first");
  } else {
    if (const std::string* one = builder.as.variable_text("SSL_CERT_DIR")) directory = *one, directory_by = "SSL_CERT_DIR";
    if (const std::string* one = builder.as.variable_text("SSL_CERT_FILE")) bundle = *one, by = "SSL_CERT_FILE";
  }
  builder.openssl_file_or_refuse(spec, bundle, by);  // error 77
  builder.openssl_directories(spec, directory, directory_by);
  return std::move(builder.out);
}

// The library reads no variable: its compiled places, unless the program names others.
Trust libcurl_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out = without_environment(curl_trust, spec, builder);
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"})
    builder.ignored(name, "libcurl does not read it, only the command curl does");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
