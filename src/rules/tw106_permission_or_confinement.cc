#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW106";
constexpr std::string_view kName = "permission_or_confinement";

Outcome judge(const Case& one) {
  const auto denied = with_status(one, "denied");
  const auto sources = effective(one);
  const bool helped = std::ranges::any_of(sources, [](const auto* source) { return source->holds_anchor.value_or(false); });
  if (denied.empty() || helped) return Silent{};
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
  the component that refuses is named.

What proves it
  The same chain in the same library, as the same user, passes with a readable copy of the store.

What to do
  Give the process the right (mode of the file and of every directory above it, group, SELinux or AppArmor
  label), or point SSL_CERT_FILE to a copy that it may read.
)",
                                         kForWantOfAnchor,
                                         judge};

}  // namespace tlswhy::rules
