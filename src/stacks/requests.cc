// requests: sessions.py merge_environment_settings, adapters.py cert_verify; the `version` is that of the Python below.

#include <array>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust requests_trust(const Spec& spec, TrustBuilder& builder) {
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

static Policy requests_policy(const Spec& spec) {
  Policy out = openssl_policy(spec, python_level(spec));
  out.names = Names::kAlternativeOnly;  // hostname_checks_common_name, since urllib3 2
  return out;
}

namespace {
constexpr std::array kKnobsOfRequests{Knob{.name = "REQUESTS_CA_BUNDLE", .holds = Holds::kEither},
                                      Knob{.name = "CURL_CA_BUNDLE", .holds = Holds::kEither}};
}  // namespace
constinit const Stack kRequests{.id = "requests",
                                .title = "requests",
                                .versions = "2.x",
                                .standing = Standing::kChecked,
                                .steered_by = "REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE; else certifi",
                                .knobs = kKnobsOfRequests,
                                .trust = requests_trust,
                                .policy = requests_policy};

}  // namespace tlswhy::stacks
