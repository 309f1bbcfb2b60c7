// node's own builds: src/crypto/crypto_context.cc. Roots are compiled in; options come from NODE_OPTIONS here.

#include <algorithm>
#include <array>
#include <iterator>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

bool has_option(const host::Viewpoint& as, std::string_view option) {
  const std::string* options = as.variable("NODE_OPTIONS");
  return (options != nullptr && options->contains(option)) || std::ranges::find(as.argv, option) != as.argv.end();
}

bool knows_system_ca(const std::string& version) {
  return Spec::at_least(version, "23.9") || (Spec::at_least(version, "22.15") && !Spec::at_least(version, "23"));
}

// Every entry of the directory, unlike OpenSSL's own look-up (23.9 and 22.15 on).
void add_system(TrustBuilder& builder, const Spec& spec) {
  const std::string* file = builder.as.variable("SSL_CERT_FILE");
  const std::string* directory = builder.as.variable("SSL_CERT_DIR");
  builder.add(builder.reader.file(file != nullptr ? *file : spec.openssldir + "/cert.pem", store::Dialect::kOneByOne),
              file != nullptr ? "SSL_CERT_FILE" : "");
  builder.add(builder.reader.every_file(directory != nullptr ? *directory : spec.openssldir + "/certs", store::Dialect::kOneByOne, true),
              directory != nullptr ? "SSL_CERT_DIR" : "");
}

Trust read_stores(const Spec& spec, TrustBuilder& builder) {
  Spec own = spec;
  if (!own.own_directory && spec.linkage != "program") own.openssldir = "/etc/ssl";  // of node's own builds
  if (own.openssl.empty()) own.openssl = Spec::at_least(spec.version, "22.20") ? "3.5" : Spec::at_least(spec.version, "18") ? "3.0" : "1.1.1";
  builder.out.openssl_codes = true;
  const std::string* asked = builder.as.variable("NODE_USE_SYSTEM_CA");
  // A distribution's node stands on its OpenSSL and takes that one's places for its own (configure --openssl-use-def-ca-store).
  const bool by_default = spec.linkage == "program";
  if ((by_default || has_option(builder.as, "--use-openssl-ca")) && !has_option(builder.as, "--use-bundled-ca")) {
    builder.openssl_defaults(own);
  } else {
    builder.compiled("the roots compiled into node");
    if (knows_system_ca(spec.version) && (has_option(builder.as, "--use-system-ca") || (asked != nullptr && *asked == "1")))
      add_system(builder, own);
    else
      builder.ignores_openssls("node reads it with --use-openssl-ca only");
  }
  if (const std::string* extra = builder.as.variable_text("NODE_EXTRA_CA_CERTS"))
    builder.add(builder.reader.file(*extra, store::Dialect::kOneByOne), "NODE_EXTRA_CA_CERTS");
  return std::move(builder.out);
}

}  // namespace

// Every variable is read by SafeGetenv (src/node_credentials.cc), which gives nothing with AT_SECURE.
static Trust node_trust(const Spec& spec, TrustBuilder& builder) {
  if (!builder.as.at_secure) return read_stores(spec, builder);
  builder.out = without_environment(read_stores, spec, builder);
  for (const char* name : {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"})
    builder.ignored(name, "not read: the process runs with AT_SECURE");
  return std::move(builder.out);
}

// src/crypto/crypto_context.cc.
static Policy node_policy(const Spec& spec) {
  Policy out = openssl_policy(spec, Spec::at_least(spec.version, "24") ? 2 : 1);
  out.last_fault = out.name_last = true;
  return out;
}

namespace {
using std::string_view_literals::operator""sv;
// A C string of its own: scripts have the word in their text, and so have lists of variables.
constexpr std::string_view kRunAsNode = "\0ELECTRON_RUN_AS_NODE\0"sv;
constexpr std::array kMarksOfElectron{Mark{.symbol = "napi_create_function", .text = kRunAsNode}};
}  // namespace
constinit const Stack kElectron{
    .id = "electron", .title = "Electron", .standing = Standing::kRecognised, .steered_by = "NSS' database of the user", .marks = kMarksOfElectron};

namespace {
constexpr std::array kMarksOfNode{Mark{.symbol = "_ZN4node5StartEiPPc", .version_text = "/node-v"}};
constexpr std::array kKnobsOfNode{
    Knob{.name = "NODE_EXTRA_CA_CERTS", .adds = true, .silenced = true},
    Knob{.name = "--use-openssl-ca", .kind = KnobKind::kOption, .holds = Holds::kFlag},
    Knob{.name = "--use-system-ca", .kind = KnobKind::kOption, .holds = Holds::kFlag, .adds = true},
    Knob{.name = "NODE_USE_SYSTEM_CA", .holds = Holds::kFlag, .adds = true, .silenced = true},
    Knob{.name = "SSL_CERT_FILE", .empty_counts = true, .silenced = true, .with = "--use-openssl-ca"},
    Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true, .silenced = true, .with = "--use-openssl-ca"},
    Knob{.name = "NODE_OPTIONS=--use-", .holds = Holds::kFlag}};
constexpr std::array<std::string_view, 7> kShakeOfNode{"{exe}", "{options}", "-e", kShakeInJavaScript, "{address}", "{port}", "{name}"};
}  // namespace
constinit const Stack kNode{.id = "node",
                            .title = "Node.js",
                            .versions = "16-24",
                            .standing = Standing::kChecked,
                            .steered_by = "NODE_EXTRA_CA_CERTS, --use-openssl-ca, --use-system-ca",
                            .marks = kMarksOfNode,
                            .knobs = kKnobsOfNode,
                            .trust = node_trust,
                            .policy = node_policy,
                            .shake = kShakeOfNode};

}  // namespace tlswhy::stacks
