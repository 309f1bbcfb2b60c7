#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW107";
constexpr std::string_view kName = "extraction_dir_gone";

constexpr std::array<std::string_view, 4> kTemporary{"/tmp/", "/var/tmp/", "/run/", "/dev/shm/"};
// Folders that programs unpack themselves into: PyInstaller, AppImage, Nuitka, pex, shiv, uvx and zipapps.
constexpr std::array<std::string_view, 7> kUnpacked{"/_MEI", "/.mount_", "/onefile_", "/.pex/", "/.shiv/", "/_pex", "/_bundle"};

bool is_temporary(const std::string& path) {
  return std::ranges::any_of(kTemporary, [&](std::string_view folder) { return path.starts_with(folder); }) ||
         std::ranges::any_of(kUnpacked, [&](std::string_view part) { return path.contains(part); });
}

// What the process met there, in order: it had the file or something beside it, and then did not.
struct Met {
  const facts::Lookup* had = nullptr;
  const facts::Lookup* lost = nullptr;
};

Met met(const Case& one, const facts::Source& source) {
  Met out;
  const std::string folder(base::dir_name(source.path));
  for (const facts::Lookup& lookup : one.facts.lookups) {
    const bool same = lookup.path == source.path;
    if (lookup.error.empty() && (same || lookup.path.starts_with(folder + "/"))) out.had = &lookup;
    if (same && lookup.pid == one.process.pid) out.lost = lookup.error == "ENOENT" || lookup.error == "ENOTDIR" ? &lookup : nullptr;
  }
  return out;
}

// Something of the program itself came from the folder, and is gone as well.
const facts::Stack* stack_there(const Case& one, const std::string& folder) {
  const auto hit = std::ranges::find_if(one.facts.stacks, [&](const facts::Stack& stack) {
    return stack.pid == one.process.pid && stack.path.starts_with(folder + "/") && stack.deleted;
  });
  return hit == one.facts.stacks.end() ? nullptr : &*hit;
}

// The topmost folder that is missing, "" where only the file is.
std::string missing_folder(const facts::Source& source) {
  return source.failed_at.empty() || source.failed_at == source.path ? "" : source.failed_at;
}

Outcome judge(const Case& one) {
  const auto sources = effective(one);
  const bool helped = std::ranges::any_of(sources, [](const auto* each) { return each->holds_anchor.value_or(false); });
  const auto hit = std::ranges::find_if(sources, [&](const auto* source) {
    return source->status == "missing" && is_temporary(source->path) && !missing_folder(*source).empty() && met(one, *source).lost != nullptr;
  });
  if (hit == sources.end() || helped) return Silent{};
  const facts::Source& source = **hit;
  const std::string folder = missing_folder(source);
  const Met seen = met(one, source);
  const facts::Stack* stack = stack_there(one, folder);
  const bool known_kind = std::ranges::any_of(kUnpacked, [&](std::string_view part) { return source.path.contains(part); });
  // A path below /tmp that never was there is a wrong path.
  if (seen.had == nullptr && stack == nullptr && !known_kind) return Silent{};
  Fires out{fmt::format("{} looks for its trust store in a temporary folder that is gone: {}", who(one.process), folder), {}};
  if (seen.had != nullptr)
    out.evidence.push_back({fmt::format("{} was there: {} succeeded", seen.had->path, seen.had->call), seen.had->path, "", "trace"});
  out.evidence.push_back({fmt::format("later, {} gave {}", seen.lost->call, seen.lost->error), source.path, seen.lost->error, "trace"});
  if (stack != nullptr) out.evidence.push_back({"a library of the program came from there; its file is gone too", stack->path, "", "process"});
  add_common(one, out.evidence);
  if (one.stack.default_holds_anchor.value_or(false)) out.change = leave_out({&source});
  const auto* place = usable_place(one);
  if (out.change.empty() && place != nullptr) out.change = use_store(one, *place);
  if (out.change.empty() && one.handshake != nullptr) out.change = with_top_as_anchor(*one.handshake);
  return out;
}

}  // namespace

const Rule kTw107ExtractionDirGone{kCode,
                                   kName,
                                   "the store lay in a temporary folder that was removed",
                                   R"(What it means
  A program that unpacks itself when it starts (PyInstaller, AppImage, pex, zipapps) brings its bundle along and names it by
  the path in that folder. When the folder is cleaned while the program still runs (a daemon whose parent has ended, tmpwatch,
  systemd-tmpfiles), the store is gone with it.

How it is seen
  The path is below a temporary folder that is not there any more; the process itself had files there before, and then got
  ENOENT.

What proves it
  The same chain passes in the same library with this machine's store, or with the anchor in the program's own.

What to do
  Point the program to a path that stays (its variable or option; this machine's store), unpack to a folder of its own, or
  keep the cleaner out of it (tmpfiles.d "x" lines).
)",
                                   kForWantOfAnchor,
                                   judge};

}  // namespace tlswhy::rules
