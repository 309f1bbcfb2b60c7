// JSSE: sun/security/ssl/TrustStoreManager.java. One store only: the property's, else lib/security/jssecacerts, else
// lib/security/cacerts; a path that can't be read falls through to cacerts. Options come from JAVA_TOOL_OPTIONS here.

#include <array>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

constexpr const char* kHome = "/usr/lib/jvm/default-java";

// The last -DNAME=VALUE among the options, in the order in which the launcher and the VM take them (src/java.base/share/native/libjli/args.c,
// src/hotspot/share/runtime/arguments.cpp); "" for none.
struct Property {
  std::string value;
  std::string variable;  // that said so, "" for the command line
};
Property property(const host::Viewpoint& as, const std::string& name) {
  Property out;
  const std::string begin = "-D" + name + "=";
  const auto take = [&](std::span<const std::string> words, const char* variable) {
    for (const std::string& word : words)
      if (word.starts_with(begin)) out = {word.substr(begin.size()), variable};
  };
  const auto take_variable = [&](const char* variable) {
    if (const std::string* options = as.variable(variable)) take(base::split(*options, ' '), variable);
  };
  take_variable("JAVA_TOOL_OPTIONS");
  take_variable("JDK_JAVA_OPTIONS");
  take(as.argv, "");
  take_variable("_JAVA_OPTIONS");
  return out;
}

// …/lib/server/libjvm.so
std::string home_of(const Spec& spec) {
  if (!spec.path.empty()) return base::dir_name(base::dir_name(base::dir_name(spec.path)));
  return spec.own_directory ? spec.openssldir : kHome;
}

// Adds the keystore to the sources, its anchors where it is the one that counts.
void add_keystore(TrustBuilder& builder, const std::string& path, const Property& named, const char* passed_over) {
  store::AnchorSet set = builder.reader.keystore(path, property(builder.as, "javax.net.ssl.trustStorePassword").value);
  const bool counts = passed_over == nullptr;
  // "the trustAnchors parameter must be non-empty", or the store can't be parsed.
  if (counts && set.anchors.empty()) builder.out.refusal = "it finds no anchor in " + path;
  if (!counts) {
    const bool chosen = path == named.value;
    const bool by_property = chosen && named.variable.empty();
    const std::string why = (by_property ? "-Djavax.net.ssl.trustStore; " : "") + std::string(passed_over);
    builder.passed_over(std::move(set), !chosen ? "compiled" : by_property ? "explicit" : "env", why);
    if (chosen) builder.out.sources.back().variable = named.variable;
  } else if (path == named.value && named.variable.empty()) {
    builder.add_named(std::move(set), "explicit", "-Djavax.net.ssl.trustStore");
  } else {
    builder.add(std::move(set), path == named.value ? named.variable : "");
  }
  builder.out.sources.back().what = "keystore";
}

}  // namespace

static Trust java_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  builder.out.refuses_empty = true;
  builder.ignores_openssls("Java does not read it");
  const std::string security = home_of(spec) + "/lib/security/";
  const Property own = property(builder.as, "javax.net.ssl.trustStore");
  if (own.value == "NONE") return builder.out.refusal = "it is told to have no store", std::move(builder.out);
  const std::string first = own.value.empty() ? security + "jssecacerts" : own.value, last = security + "cacerts";
  const auto there = [&](const std::string& path) { return builder.reader.is_file(path) && builder.reader.readable(path); };
  if (there(first)) {
    add_keystore(builder, first, own, nullptr);
    if (first != last) add_keystore(builder, last, own, "another keystore comes first");
    return std::move(builder.out);
  }
  if (!own.value.empty()) add_keystore(builder, first, own, "it is not there, and the default is taken");
  add_keystore(builder, last, own, nullptr);
  if (!there(last)) builder.out.refusal = "it has no store";
  return std::move(builder.out);
}

// sun.security.provider.certpath.
// sun/security/provider/certpath/PKIX.java and sun/security/util/HostnameChecker.java, 17.
static Policy java_policy(const Spec&) {
  Policy out{.level = 0, .sha1_is_fine = true, .leaf_purpose_only = true, .anchor = AnchorCounts::kNo};
  out.own_names = NameRules{.part_of_label = true, .top_level = true, .any_label = true, .common_name = NameRules::CommonName::kWithoutDnsNames};
  out.end_counts = true;
  out.root_says_authority = out.issuers_say_authority = out.anchor_may_sign = true;
  out.refused = x509::kCriticalKeyIdentifier | x509::kUnnamedAuthority | x509::kRepeatedExtension | x509::kUnderscore | x509::kUnnamedLeaf;
  out.keys = {.p192 = false, .explicit_curves = false};
  out.search.alternatives = true;
  return out;
}

namespace {
constexpr std::array kMarksOfJava{Mark{.soname = "libjvm.so", .symbol = "JNI_CreateJavaVM", .version_text = " JRE ("}};
constexpr std::array kKnobsOfJava{Knob{.name = "javax.net.ssl.trustStore", .kind = KnobKind::kProperty},
                                  Knob{.name = "JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=", .holds = Holds::kFlag},
                                  Knob{.name = "JDK_JAVA_OPTIONS=-Djavax.net.ssl.trustStore=", .holds = Holds::kFlag},
                                  Knob{.name = "_JAVA_OPTIONS=-Djavax.net.ssl.trustStore=", .holds = Holds::kFlag}};
constexpr std::array<std::string_view, 8> kShakeOfJava{"{exe}", "{options}", "-cp", "{helpers}", "Shake", "{address}", "{port}", "{name}"};
}  // namespace
constinit const Stack kJava{.id = "java",
                            .title = "Java",
                            .versions = "17",
                            .standing = Standing::kChecked,
                            .steered_by = "javax.net.ssl.trustStore, lib/security/jssecacerts and cacerts",
                            .marks = kMarksOfJava,
                            .knobs = kKnobsOfJava,
                            .trust = java_trust,
                            .policy = java_policy,
                            .shake = kShakeOfJava,
                            .runtime = "java"};

}  // namespace tlswhy::stacks
