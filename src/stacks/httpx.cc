// httpx 0.28, _config.py create_ssl_context; the `version` is that of the Python below.

#include <array>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust httpx_trust(const Spec& spec, TrustBuilder& builder) {
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

namespace {
constexpr std::array kKnobsOfHttpx{Knob{.name = "SSL_CERT_FILE"}, Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory}};
}  // namespace
constinit const Stack kHttpx{.id = "httpx",
                             .title = "httpx",
                             .versions = "0.28",
                             .standing = Standing::kChecked,
                             .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR; else certifi",
                             .knobs = kKnobsOfHttpx,
                             .trust = httpx_trust,
                             .policy = python_policy};

}  // namespace tlswhy::stacks
