// p11-kit's trust module (trust/module.c, trust/token.c): the paths that are compiled in, or named by paths= in its module
// file; told with store@PATH[:PATH…]. A file's certificates are anchors; a directory's only below anchors/ or when they say so.

#include "store/p11_kit.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust p11_kit_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  builder.ignores_openssls("p11-kit does not read it");
  std::vector<x509::Certificate> distrusted;
  for (const std::string& path : base::split(spec.store.empty() ? "/etc/ssl/certs/ca-certificates.crt" : spec.store, ':')) {
    if (builder.reader.is_directory(path)) {
      for (const char* part : {"", "/anchors", "/blocklist", "/blacklist"})
        if (*part == '\0' || builder.reader.is_directory(path + part)) builder.add(builder.reader.p11_directory(path + part, part, distrusted), "");
    } else {
      builder.add(builder.reader.p11_file(path, true, distrusted), "");
    }
  }
  std::erase_if(builder.out.anchors,
                [&](const auto& one) { return std::ranges::any_of(distrusted, [&](const auto& bad) { return bad.der() == one.der(); }); });
  return std::move(builder.out);
}

namespace {
constexpr std::array kMarksOfP11Kit{Mark{.soname = "p11-kit-trust.so", .symbol = "C_GetFunctionList"}};
constexpr std::array kKnobsOfP11Kit{Knob{.name = "paths", .kind = KnobKind::kProperty, .holds = Holds::kEither}};
}  // namespace
constinit const Stack kP11Kit{.id = "p11-kit",
                              .title = "p11-kit's trust module",
                              .versions = "0.24, the trust module",
                              .standing = Standing::kChecked,
                              .steered_by = "the paths compiled in, paths= in a module file",
                              .marks = kMarksOfP11Kit,
                              .knobs = kKnobsOfP11Kit,
                              .trust = p11_kit_trust,
                              .policy = gnutls_policy};

}  // namespace tlswhy::stacks
