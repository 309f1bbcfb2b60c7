#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/process_rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW701";
constexpr std::string_view kName = "fd_exhaustion";

constexpr std::array<std::string_view, 2> kErrors{"EMFILE", "ENFILE"};

// Whether what could not be opened is why the chain was refused.
bool tells(const Case& one) {
  const auto sources = effective(one);
  return !helped_beside(one, kErrors) &&
         std::ranges::any_of(sources, [&](const auto* source) { return refused_at(one, *source, kErrors) != nullptr; });
}

Outcome judge(const Case& one) {
  std::vector<const facts::Lookup*> failed;
  for (const facts::Lookup& each : one.facts.lookups)
    if (each.pid == one.process.pid && std::ranges::find(kErrors, each.error) != kErrors.end()) failed.push_back(&each);
  if (failed.empty() || (one.handshake != nullptr && !tells(one))) return Silent{};
  const facts::Lookup& first = *failed.front();
  const bool all = first.error == "ENFILE";
  Fires out{fmt::format("{} had no file descriptor left to open {}: {}", who(one.process), first.path,
                        all ? "the machine's files are exhausted" : "its own limit was reached"),
            {}};
  constexpr std::size_t kShown = 5;
  for (const facts::Lookup* each : failed) {
    if (out.evidence.size() == kShown) break;
    out.evidence.push_back({fmt::format("the process's own {} gave {}", each->call, each->error), each->path, each->error, "trace"});
  }
  if (failed.size() > kShown) out.evidence.push_back({fmt::format("{} such look-ups in all", failed.size()), "", first.error, "trace"});
  if (one.handshake != nullptr) {
    add_common(one, out.evidence);
    out.change = {{{findings::EditKind::kFreshProcess, "", ""}}};
  }
  return out;
}

}  // namespace

const Rule kTw701FdExhaustion{kCode,
                              kName,
                              "the process had no file descriptor left to read its store",
                              R"(What it means
  The process has as many files and sockets open as it may have (RLIMIT_NOFILE), mostly because it forgets to close
  them, or the machine has none left. The library can't open its store or a part of itself. It drops the errno: the
  message is that of a missing issuer, or none at all.

How it is seen
  A look-up of a store or of a library by the process itself ended with EMFILE (its own limit) or ENFILE (the
  machine's, /proc/sys/fs/file-max).

What proves it
  The same chain in the same library, with the same set-up and descriptors to spare, is accepted.

What to do
  Find what the process leaves open (`ls -l /proc/PID/fd`), and close it. Until then restart it, or raise its limit
  (`ulimit -n`, LimitNOFILE= of the unit, --ulimit of the container).
)",
                              kForWantOfAnchor,
                              judge};

}  // namespace tlswhy::rules
