// Deno: cli/lib/args.rs and ext/tls. Roots compiled in unless DENO_TLS_CA_STORE says otherwise; DENO_CERT adds, and is fatal
// when its text is bad; NODE_EXTRA_CA_CERTS adds from 2.8 on and only warns.

#include <array>

#include "base/text.h"
#include "stacks/openssl_probe.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr auto kDialect = store::Dialect::kRustls;

// Bad text in it, or no such file: Deno ends.
void add_or_refuse(TrustBuilder& builder, const std::string& path, const std::string& variable) {
  store::AnchorSet set = builder.reader.file(path, kDialect);
  if (set.bad_text || set.error != 0) builder.out.refusal = "it can't load " + path;
  builder.add(std::move(set), variable);
}

void add_system(TrustBuilder& builder) {
  // deno_native_certs asks for the variable first, whether its path is there or not.
  const std::string* file = builder.as.variable("SSL_CERT_FILE");
  const std::string path = file != nullptr ? *file : probe_openssl_of_old(builder).file;
  if (file != nullptr || !path.empty()) add_or_refuse(builder, path, file != nullptr ? "SSL_CERT_FILE" : "");
}

}  // namespace

static Trust deno_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  const std::string* stores = builder.as.variable_text("DENO_TLS_CA_STORE");
  bool system = false;
  for (const std::string& one : base::split(stores != nullptr ? *stores : "mozilla", ',')) {
    if (one == "system")
      system = true, add_system(builder);
    else if (one == "mozilla")
      builder.compiled("the roots compiled into Deno");
    else
      builder.out.refusal = "DENO_TLS_CA_STORE names a store that Deno does not know";
  }
  if (!system) builder.ignored("SSL_CERT_FILE", "Deno reads it with DENO_TLS_CA_STORE=system only");
  builder.ignored("SSL_CERT_DIR", "Deno does not read it");
  if (const std::string* extra = builder.as.variable("DENO_CERT")) add_or_refuse(builder, *extra, "DENO_CERT");
  if (const std::string* extra = builder.as.variable_text("NODE_EXTRA_CA_CERTS"); extra != nullptr && Spec::at_least(spec.version, "2.8")) {
    store::AnchorSet set = builder.reader.file(*extra, kDialect);
    if (set.bad_text) set.anchors.clear();
    builder.add(std::move(set), "NODE_EXTRA_CA_CERTS");
  }
  return std::move(builder.out);
}

namespace {
constexpr std::array kMarksOfDeno{Mark{.symbol = "napi_create_function", .text = "DENO_TLS_CA_STORE", .version_text = "Deno/2", .version_at = 5}};
constexpr std::array kKnobsOfDeno{Knob{.name = "DENO_CERT", .adds = true, .empty_counts = true}, Knob{.name = "NODE_EXTRA_CA_CERTS", .adds = true},
                                  Knob{.name = "DENO_TLS_CA_STORE", .holds = Holds::kFlag},
                                  Knob{.name = "SSL_CERT_FILE", .empty_counts = true, .with = "DENO_TLS_CA_STORE=system"}};
}  // namespace
constinit const Stack kDeno{.id = "deno",
                            .title = "Deno",
                            .versions = "2.x",
                            .standing = Standing::kChecked,
                            .steered_by = "DENO_TLS_CA_STORE, DENO_CERT, NODE_EXTRA_CA_CERTS",
                            .marks = kMarksOfDeno,
                            .knobs = kKnobsOfDeno,
                            .trust = deno_trust,
                            .policy = webpki_policy};

}  // namespace tlswhy::stacks
