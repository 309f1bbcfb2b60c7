// Python packages on top of requests' ways: certifi, botocore (session.py, httpsession.py), pip (_internal/cli/index_command.py).
// The `version` is that of the Python below.

#include <array>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/stack.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust certifi_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  builder.ignores_openssls("certifi does not read it");
  builder.compiled("the roots that certifi brings along");
  return std::move(builder.out);
}

static Trust botocore_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.ignores_openssls("botocore does not read it");
  // The first that is set, even to "", which it refuses.
  for (const char* variable : {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"})
    if (const std::string* path = builder.as.variable(variable)) return builder.openssl_file_or_refuse(spec, *path, variable), std::move(builder.out);
  builder.compiled("the roots that certifi brings along");
  return std::move(builder.out);
}

// 24.2 on with Python 3.10 on: truststore's choice and certifi's roots, and what a variable names beside them.
static Trust pip_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out = truststore_trust(spec, builder);
  builder.compiled("the roots that pip brings along");
  std::string variable;
  if (const std::string* path = builder.as.first_of({"PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}, variable))
    builder.openssl_path_or_refuse(spec, *path, variable);
  return std::move(builder.out);
}

namespace {
// A package whose bundle is at that end of a path; for a bundle that several use, with the folder of the package beside it.
struct Package {
  std::string_view bundle, beside, row;
};
constexpr std::array kPackages{Package{"/pip/_vendor/certifi/cacert.pem", "", "pip"}, Package{"/botocore/cacert.pem", "", "botocore"},
                               Package{"/certifi/cacert.pem", "/requests", "requests"}, Package{"/certifi/cacert.pem", "/httpx", "httpx"}};

bool stands_beside(const Package& package, const std::string& path, const Look& look) {
  if (!path.ends_with(package.bundle)) return false;
  return package.beside.empty() || look.reader.is_directory(path.substr(0, path.size() - package.bundle.size()) + std::string(package.beside));
}

}  // namespace

std::vector<facts::Knob> knobs_of_package(const facts::Stack& stack, const Look& look) {
  const Package* only = nullptr;
  for (const facts::Loaded& loaded : stack.loaded)
    for (const Package& package : kPackages) {
      if (!stands_beside(package, loaded.path, look)) continue;
      if (only != nullptr && only->bundle == package.bundle && only != &package) return {};
      if (only == nullptr) only = &package;
    }
  std::vector<facts::Knob> out;
  if (only == nullptr) return out;
  for (const Knob& knob : find_stack(only->row)->knobs) {
    if (look.as.variable_text(std::string(knob.name)) != nullptr) return {};
    out.push_back(fact_of(knob));
  }
  return out;
}

constinit const Stack kCertifi{.id = "certifi",
                               .title = "certifi",
                               .versions = "of PyPI",
                               .standing = Standing::kChecked,
                               .steered_by = "none",
                               .trust = certifi_trust,
                               .policy = openssl_policy};

namespace {
constexpr std::array kKnobsOfBotocore{Knob{.name = "AWS_CA_BUNDLE", .empty_counts = true}, Knob{.name = "REQUESTS_CA_BUNDLE", .empty_counts = true}};
}  // namespace
constinit const Stack kBotocore{.id = "botocore",
                                .title = "botocore",
                                .versions = "1.44",
                                .standing = Standing::kChecked,
                                .steered_by = "AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE; else certifi",
                                .knobs = kKnobsOfBotocore,
                                .trust = botocore_trust,
                                .policy = openssl_policy};

namespace {
constexpr std::array kKnobsOfPip{
    Knob{.name = "PIP_CERT", .holds = Holds::kEither, .adds = true}, Knob{.name = "REQUESTS_CA_BUNDLE", .holds = Holds::kEither, .adds = true},
    Knob{.name = "CURL_CA_BUNDLE", .holds = Holds::kEither, .adds = true}, Knob{.name = "SSL_CERT_FILE", .empty_counts = true, .silenced = true},
    Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true, .silenced = true}};
}  // namespace
constinit const Stack kPip{.id = "pip",
                           .title = "pip",
                           .versions = "24.2 and newer",
                           .standing = Standing::kChecked,
                           .steered_by = "PIP_CERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, those of truststore",
                           .knobs = kKnobsOfPip,
                           .trust = pip_trust,
                           .policy = openssl_policy};

}  // namespace tlswhy::stacks
