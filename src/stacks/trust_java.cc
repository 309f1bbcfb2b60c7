// JSSE: sun/security/ssl/TrustStoreManager.java. One store only: the property's, else lib/security/jssecacerts, else
// lib/security/cacerts; a path that can't be read falls through to cacerts. Options come from JAVA_TOOL_OPTIONS here.

#include <algorithm>

#include "base/text.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr const char* kHome = "/usr/lib/jvm/default-java";

// Options in the command line come behind those of the variable. The last -DNAME=VALUE among them; "" for none.
std::string property(const host::Viewpoint& as, const std::string& name) {
  std::string out;
  const std::string* options = as.variable("JAVA_TOOL_OPTIONS");
  for (const std::string& one : base::split(options != nullptr ? *options : "", ' '))
    if (one.starts_with("-D" + name + "=")) out = one.substr(name.size() + 3);
  for (const std::string& word : as.argv)
    if (word.starts_with("-D" + name + "=")) out = word.substr(name.size() + 3);
  return out;
}

// Says where the store was named: not in the variable.
void name_command_line(ReadSource& source) {
  source.kind = "config";
  source.variable.clear();
  source.detail += (source.detail.empty() ? "" : ", ") + std::string("named by -Djavax.net.ssl.trustStore on the command line");
}

// …/lib/server/libjvm.so
std::string home_of(const Spec& spec) {
  if (!spec.path.empty()) return base::dir_name(base::dir_name(base::dir_name(spec.path)));
  return spec.own_directory ? spec.openssldir : kHome;
}

}  // namespace

Trust java_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  builder.ignores_openssls("Java does not read it");
  const std::string security = home_of(spec) + "/lib/security/";
  const std::string own = property(builder.as, "javax.net.ssl.trustStore");
  if (own == "NONE") return builder.out.refusal = "it is told to have no store", std::move(builder.out);
  for (const std::string& path : {own.empty() ? security + "jssecacerts" : own, security + "cacerts"}) {
    if (!builder.reader.is_file(path) || !builder.reader.readable(path)) continue;
    store::AnchorSet set = builder.reader.keystore(path, property(builder.as, "javax.net.ssl.trustStorePassword"));
    // "the trustAnchors parameter must be non-empty", or the store can't be parsed.
    if (set.anchors.empty()) builder.out.refusal = "it finds no anchor in " + path;
    builder.add(std::move(set), path == own ? "JAVA_TOOL_OPTIONS" : "");
    const bool told = std::ranges::any_of(builder.as.argv, [](const auto& word) { return word.starts_with("-Djavax.net.ssl.trustStore="); });
    if (path == own && told) name_command_line(builder.out.sources.back());
    return std::move(builder.out);
  }
  builder.out.refusal = "it has no store";
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
