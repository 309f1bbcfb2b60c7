// httpx 0.28, _config.py create_ssl_context; the `version` is that of the Python below.

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust httpx_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  if (const std::string* file = builder.as.variable_text("SSL_CERT_FILE")) {
    builder.openssl_file_or_refuse(spec, *file, "SSL_CERT_FILE");
  } else if (const std::string* directory = builder.as.variable_text("SSL_CERT_DIR")) {
    builder.openssl_directories(spec, *directory, "SSL_CERT_DIR");
  } else {
    builder.compiled("the roots that certifi brings along");
  }
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
