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

Outcome ignored(const Case& one, const facts::Source& source) {
  Fires out{fmt::format("{} ignores {}: it runs with AT_SECURE", who(one.process), source.variable),
            {{"AT_SECURE is 1 (set-uid, set-gid or file capabilities): its TLS stack does not read this variable", one.process.exe, "", "process"},
             about(one, source)}};
  add_common(one, out.evidence);
  out.change.edits = {{findings::EditKind::kDropPrivileges, one.process.exe, ""}, {findings::EditKind::kSetVariable, source.variable, source.path}};
  return out;
}

Outcome dropped(const Case& one, const facts::Process& ancestor, const std::string& variable) {
  const std::string& value = ancestor.trust_env.at(variable);
  Fires out{fmt::format("{} does not have {}, which {} was started with", who(one.process), variable, who(ancestor)),
            {{fmt::format("{} has {}={}", who(ancestor), variable, value), value, "", "process"},
             {fmt::format("{} has no {}", who(one.process), variable), one.process.exe, "", "process"}}};
  add_common(one, out.evidence);
  out.change = findings::set_variable(variable, value);
  return out;
}

// Whether what the variable names is of use: to a stack that reads it.
bool helps(const Case& one, const facts::Knob& knob) {
  return knob.kind == "variable" && knob.holds != "flag" && knob.only_with.empty() && !one.stack.own_stores;
}

Outcome judge(const Case& one) {
  for (const facts::Knob& knob : one.stack.knobs) {
    if (!helps(one, knob)) continue;
    const auto unread = std::ranges::find_if(one.stack.sources, [&](const facts::Source& source) {
      return source.status == "ignored" && source.variable == knob.name && source.holds_anchor.value_or(true);
    });
    if (unread != one.stack.sources.end() && one.process.at_secure) return ignored(one, *unread);
    if (one.process.trust_env.contains(knob.name)) continue;
    if (const auto* ancestor = holder(one, knob.name)) return dropped(one, *ancestor, knob.name);
  }
  return Silent{};
}

}  // namespace

const Rule kTw202EnvIgnoredOrDropped{kCode,
                                     kName,
                                     "the variable was set, but not for this process",
                                     R"(What it means
  A variable that its TLS stack reads (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS …) was set by somebody, but this process does not have it or may not obey it: the
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
                                     kForWantOfAnchor,
                                     judge};

}  // namespace tlswhy::rules
