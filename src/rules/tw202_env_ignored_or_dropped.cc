#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW202";
constexpr std::string_view kName = "env_ignored_or_dropped";

// The nearest ancestor that has the variable: earlier programs of the same process first, then its parents.
const facts::Process* holder(const Case& one, const std::string& variable) {
  std::int32_t pid = one.process.pid;
  const auto& all = one.facts.processes;
  for (std::size_t depth = 0; depth < 64; ++depth) {
    for (const facts::Process& process : all)
      if (process.pid == pid && process.trust_env.contains(variable)) return &process;
    const auto self = std::ranges::find(all, pid, &facts::Process::pid);
    if (self == all.end() || self->parent == pid) return nullptr;
    pid = self->parent;
  }
  return nullptr;
}

facts::Finding complete(facts::Finding out, const Case& one, const std::string& variable, const std::string& value) {
  for (const facts::Source* source : effective(one)) out.evidence.push_back(about(one, *source));
  out.evidence.push_back(built_for(one.stack));
  out.evidence.push_back(about_anchor(one));
  out.certainty = "supported";
  out.change.set[variable] = value;
  return out;
}

facts::Finding ignored_finding(const Case& one, const facts::Source& source) {
  facts::Finding out = start_finding(kCode, kName, one, fmt::format("{} ignores {}: it runs with AT_SECURE", who(one.process), source.variable));
  out.evidence.push_back(
      {"AT_SECURE is 1 (set-uid, set-gid or file capabilities): OpenSSL does not read the environment", one.process.exe, "", "process"});
  out.evidence.push_back(about(one, source));
  return complete(std::move(out), one, source.variable, source.path);
}

facts::Finding dropped_finding(const Case& one, const facts::Process& ancestor, const std::string& variable) {
  const std::string& value = ancestor.trust_env.at(variable);
  facts::Finding out =
      start_finding(kCode, kName, one, fmt::format("{} does not have {}, which {} was started with", who(one.process), variable, who(ancestor)));
  out.evidence.push_back({fmt::format("{} has {}={}", who(ancestor), variable, value), value, "", "process"});
  out.evidence.push_back({fmt::format("{} has no {}", who(one.process), variable), one.process.exe, "", "process"});
  return complete(std::move(out), one, variable, value);
}

std::optional<facts::Finding> judge(const Case& one) {
  if (!wants_anchor(one)) return std::nullopt;
  for (const char* variable : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    const auto ignored = std::ranges::find_if(one.stack.sources, [&](const facts::Source& source) {
      return source.status == "ignored" && source.variable == variable && source.holds_anchor.value_or(true);
    });
    if (ignored != one.stack.sources.end()) return ignored_finding(one, *ignored);
    if (one.process.trust_env.contains(variable)) continue;
    if (const auto* ancestor = holder(one, variable)) return dropped_finding(one, *ancestor, variable);
  }
  return std::nullopt;
}

}  // namespace

const Rule kTw202EnvIgnoredOrDropped{kCode, kName, "the variable was set, but not for this process",
                                     R"(What it means
  SSL_CERT_FILE or SSL_CERT_DIR was set by somebody, but this process does not have it or may not obey it: the
  process runs with AT_SECURE (set-uid, set-gid or file capabilities), or a program between dropped it
  (sudo, env -i, a service manager, a launcher that builds its own environment).

How it is seen
  AT_SECURE in the auxiliary vector with the variable set; or an ancestor in the traced tree that has the
  variable, and the failing process that has not.

What proves it
  The same chain in the same library passes with the variable in effect.

What to do
  Set the variable where the process gets its environment from (the unit file, the launcher, sudoers'
  env_keep), or drop file capabilities and set-id bits: programs with AT_SECURE never obey it.
  Source: OpenSSL crypto/getenv.c (secure_getenv), from 1.1.1a.
)",
                                     judge};

}  // namespace tlswhy::rules
