// p11-kit's trust module (trust/module.c, trust/token.c): the paths that are compiled in, or named by paths= in its module
// file; told with store@PATH[:PATH…]. A file's certificates are anchors; a directory's only below anchors/ or when they say so.

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "stacks/trust.h"
#include "store/p11_kit.h"

namespace tlswhy::stacks {

Trust p11_kit_trust(const Spec& spec, TrustBuilder& builder) {
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

}  // namespace tlswhy::stacks
