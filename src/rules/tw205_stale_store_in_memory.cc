#include <fmt/format.h>

#include <algorithm>

#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW205";
constexpr std::string_view kName = "stale_store_in_memory";

// The process asked for the default places, or for this one. Where its calls were not seen, it may have.
bool loaded(const Case& one, const std::string& path) {
  bool any = false;
  for (const facts::TrustCall& call : one.facts.trust_calls) {
    // Where certificates come from that a program adds by itself is not seen.
    if (call.pid != one.process.pid || !call.result || call.call == "X509_STORE_add_cert") continue;
    any = true;
    if (call.call.find("set_default_paths") != std::string::npos || std::ranges::find(call.arguments, path) != call.arguments.end()) return true;
  }
  return !any;
}

// A place that was changed after the process began and, where a chain is in question, has its anchor now.
bool changed_since(const Case& one, const facts::Source* source) {
  if (source->status != "ok" || source->modified == 0 || source->modified <= one.process.started) return false;
  return one.handshake == nullptr || (source->holds_anchor.value_or(false) && loaded(one, source->path));
}

Outcome judge(const Case& one) {
  // With a handshake it must be the process itself that refused: a library asked afterwards has read the new store.
  const bool refused = one.handshake != nullptr && one.handshake->verify && one.handshake->verify->seen_by == "process";
  if (one.process.started == 0 || (one.handshake != nullptr && !refused)) return Silent{};
  const auto sources = effective(one);
  const auto changed = std::ranges::find_if(sources, [&](const auto* source) { return changed_since(one, source); });
  if (changed == sources.end()) return Silent{};
  Fires out{fmt::format("{} still trusts what it loaded before {} was changed", who(one.process), (*changed)->path), {}};
  for (const facts::Source* source : sources) out.evidence.push_back(about(one, *source));
  out.evidence.push_back(
      {fmt::format("{} was changed {} seconds after the process began", (*changed)->path, (*changed)->modified - one.process.started),
       (*changed)->path, "", "process"});
  if (refused && one.handshake->anchors_loaded)
    out.evidence.push_back({fmt::format("as it verified, the process had {} anchors in memory", *one.handshake->anchors_loaded), "", "", "process"});
  if (one.stack.base) out.evidence.push_back(built_for(one.stack));
  if (one.handshake != nullptr) out.evidence.push_back(about_anchor(one));
  out.change.edits.push_back({findings::EditKind::kFreshProcess, "", ""});
  return out;
}

}  // namespace

const Rule kTw205StaleStoreInMemory{kCode,
                                    kName,
                                    "the store was changed after the process had loaded it",
                                    R"(What it means
  A program reads its bundle once, when it sets its TLS library up. The file was replaced later; the process
  goes on with what it has in memory until it is started anew. (Hashed directories are read as they are needed,
  so they are not concerned unless a name was looked for in vain before.)

How it is seen
  The file's time of change is later than the process's start, and the process itself refused a chain whose
  anchor the store holds now.

What proves it
  The same chain in the same library passes when the store is read afresh.

What to do
  Restart the process; have the tool that updates the store restart its users (for example a hook in
  /etc/ca-certificates/update.d).
)",
                                    kForWantOfAnchor,
                                    judge};

}  // namespace tlswhy::rules
