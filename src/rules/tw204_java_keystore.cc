#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW204";
constexpr std::string_view kName = "java_keystore";
// A JVM without any anchor says "internal_error" to its peer.
constexpr std::array kReasons{facts::Reason::kNoIssuer, facts::Reason::kSelfSigned, facts::Reason::kStoreRefused, facts::Reason::kOther,
                              facts::Reason::kUnknown};

bool is_named(const facts::Source& source) { return source.kind == "env" || source.kind == "explicit"; }

// "JAVA_TOOL_OPTIONS names", "-Djavax.net.ssl.trustStore names"
std::string namer(const facts::Source& source) { return source.kind == "env" ? source.variable : source.detail.substr(0, source.detail.find(';')); }

// The edit by which the keystore that was named is not; nothing where it can't be told.
std::optional<findings::Edit> without(const facts::Source& source) {
  if (source.kind == "env") return findings::Edit{findings::EditKind::kUnsetVariable, source.variable, ""};
  const std::string by = namer(source);
  if (by.starts_with("-D")) return findings::Edit{findings::EditKind::kUnsetOption, by, ""};
  return std::nullopt;
}

struct Keystores {
  const facts::Source* read = nullptr;    // the one that counts
  const facts::Source* passed = nullptr;  // the first one that it comes before, or that is not there
};

Keystores keystores(const Case& one) {
  Keystores out;
  for (const facts::Source& source : one.stack.sources) {
    if (source.what != "keystore") continue;
    const facts::Source*& slot = source.status == "ignored" ? out.passed : out.read;
    if (slot == nullptr) slot = &source;
  }
  return out;
}

// What is wrong with it: "" for nothing.
std::string trouble(const Keystores& all) {
  const facts::Source& read = *all.read;
  if (all.passed != nullptr && is_named(*all.passed) && !all.passed->error.empty())
    return fmt::format("{} names {}, which is not there, and {} is taken instead", namer(*all.passed), all.passed->path, read.path);
  if (read.status != "ok") return fmt::format("{} is {}", read.path, read.status == "dangling_link" ? "a link that leads nowhere" : read.status);
  const bool lacks = all.passed != nullptr && all.passed->holds_anchor.value_or(false);
  if (is_named(read)) return fmt::format("{} names {}, which lacks the anchor{}", namer(read), read.path, lacks ? "; its default has it" : "");
  return lacks ? fmt::format("{} comes before {}, which has the anchor", read.path, all.passed->path) : "";
}

findings::Change change_for(const Case& one, const Keystores& all) {
  findings::Change out;
  if (all.passed != nullptr && all.passed->holds_anchor.value_or(false) && is_named(*all.read))
    if (const auto edit = without(*all.read)) out.edits.push_back(*edit);
  if (out.empty() && all.read->kind == "compiled" && all.passed != nullptr && all.passed->holds_anchor.value_or(false))
    out = findings::set_variable("JAVA_TOOL_OPTIONS", "-Djavax.net.ssl.trustStore=" + all.passed->path);
  if (out.empty() && one.handshake != nullptr) out = with_top_as_anchor(*one.handshake);
  return out;
}

Outcome judge(const Case& one) {
  const Keystores all = keystores(one);
  if (all.read != nullptr && all.read->status == "denied") return Silent{};  // TW106
  if (all.read == nullptr || all.read->holds_anchor.value_or(false)) return Silent{};
  const std::string wrong = trouble(all);
  if (wrong.empty()) return Silent{};
  Fires out{fmt::format("{} has the wrong keystore: {}", who(one.process), wrong), {}};
  if (all.passed != nullptr) out.evidence.push_back(about(one, *all.passed));
  add_common(one, out.evidence);
  out.change = change_for(one, all);
  return out;
}

}  // namespace

const Rule kTw204JavaKeystore{kCode,
                              kName,
                              "the JVM uses another, missing, empty or unreadable keystore",
                              R"(What it means
  A JVM trusts one keystore: the one that javax.net.ssl.trustStore names (on the command line, in JAVA_TOOL_OPTIONS or
  JDK_JAVA_OPTIONS), else lib/security/jssecacerts, else lib/security/cacerts of that very JVM. A property that names a file
  that is not there is passed over without a word; an empty keystore ends in "the trustAnchors parameter must be non-empty";
  cacerts is often a link into /etc, made by a hook that has to run (ca-certificates-java).

How it is seen
  The options of the process, its Java home, and what the keystore there holds.

What proves it
  The model of the JVM accepts the chain with the default keystore, or with the anchor in the one that it reads.

What to do
  Take the property away or correct it; import the anchor into the keystore that the JVM reads (keytool -importcert
  -cacerts); make a missing cacerts again (update-ca-certificates -f, update-ca-trust).
)",
                              kReasons,
                              judge};

}  // namespace tlswhy::rules
