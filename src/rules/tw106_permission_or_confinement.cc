#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/process_rules.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW106";
constexpr std::string_view kName = "permission_or_confinement";

constexpr std::array<std::string_view, 2> kRefusals{"EACCES", "EPERM"};

// What confines it, as far as that is known.
std::string confinement(const facts::Process& process) {
  if (!process.confinement.empty()) return process.confinement;
  if (process.filters > 0)
    return fmt::format("{} seccomp filter{}{}", process.filters, process.filters == 1 ? "" : "s", process.no_new_privileges ? ", or Landlock" : "");
  return "";
}

// Refused at a place which it may read by uid and modes: by what confines it.
Outcome judge_confined(const Case& one) {
  if (helped_beside(one, kRefusals)) return Silent{};
  for (const facts::Source* source : effective(one)) {
    const facts::Lookup* refused = refused_at(one, *source, kRefusals);
    if (refused == nullptr || source->status != "ok") continue;
    const std::string by = confinement(one.process);
    Fires out{fmt::format("{} was refused {}, which uid {} may read: {}", who(one.process), refused->path, one.process.uid,
                          by.empty() ? "what denies it is not known" : "it is confined by " + by),
              {}};
    out.evidence.push_back({fmt::format("the process's own {} gave {}", refused->call, refused->error), refused->path, refused->error, "trace"});
    out.evidence.push_back({"owner, group and modes of the place allow it to this process", source->path, "", "model"});
    out.evidence.push_back({by.empty() ? "it has no AppArmor profile, no SELinux context and no seccomp filter; Landlock leaves no mark in /proc"
                                       : "the process is confined by " + by,
                            "", "", "process"});
    for (const facts::Source* each : effective(one)) out.evidence.push_back(about(one, *each));
    if (one.handshake != nullptr) out.evidence.push_back(about_anchor(one));
    out.change = {{{findings::EditKind::kUnconfined, "", ""}}};
    return out;
  }
  return Silent{};
}

Outcome judge(const Case& one) {
  const auto denied = with_status(one, "denied");
  const auto sources = effective(one);
  const bool helped = std::ranges::any_of(sources, [](const auto* source) { return source->holds_anchor.value_or(false); });
  if (denied.empty()) return judge_confined(one);
  if (helped) return Silent{};
  const facts::Source& refused = *denied.front();
  const std::string at = refused.failed_at.empty() ? refused.path : refused.failed_at;
  Fires out{fmt::format("{} may not read its trust store: {} refuses uid {}", who(one.process), at, one.process.uid), {}};
  for (const facts::Source* source : sources) out.evidence.push_back(about(one, *source));
  for (const facts::Lookup& lookup : one.facts.lookups)
    if (lookup.pid == one.process.pid && (lookup.error == "EACCES" || lookup.error == "EPERM"))
      out.evidence.push_back({lookup.call + " was refused", lookup.path, lookup.error, "trace"});
  if (one.handshake != nullptr) out.evidence.push_back(about_anchor(one));
  for (const facts::Source* source : denied)
    for (const std::string& component : source->refused)
      if (const findings::Edit edit{findings::EditKind::kSetMode, component, "a+rX"};
          std::ranges::find(out.change.edits, edit) == out.change.edits.end())
        out.change.edits.push_back(edit);
  return out;
}

}  // namespace

const Rule kTw106PermissionOrConfinement{kCode,
                                         kName,
                                         "the store is there, but this process may not read it",
                                         R"(What it means
  The file or directory exists, but the user of the process lacks the right to read it, or to search one of the
  directories above it. OpenSSL drops the errno: the message is the same as for a missing store.

How it is seen
  The look-up ends with EACCES or EPERM, in the trace or by the mode bits for the user and groups of the process;
  the component that refuses is named. Where uid and modes allow what was refused, something confines the process:
  an AppArmor profile or SELinux context (/proc/PID/attr/current), seccomp filters, Landlock, a sandbox.

What proves it
  The same chain in the same library, as the same user, passes with a readable copy of the store; of a confined
  process with the store as it is, outside of what confines it.

What to do
  Give the process the right (mode of the file and of every directory above it, group, SELinux or AppArmor
  label), or point SSL_CERT_FILE to a copy that it may read. Of a confined process: allow the store's directory in
  its profile, policy or sandbox.
)",
                                         kForWantOfAnchor,
                                         judge};

}  // namespace tlswhy::rules
