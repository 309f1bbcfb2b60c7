// A change as a person types it. Each edit is one command; variables stand before the program's own.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "fix/remedy.h"

namespace tlswhy::fix {
namespace {

using findings::Edit;
using findings::EditKind;

// What `fix mode` gives without --user.
constexpr std::string_view kEverybody = "a+rX", kMode = "tlswhy fix mode ";

// "" for what is no command of its own.
std::string command_of(const Edit& edit) {
  const std::string target = base::shell_quote(edit.target);
  switch (edit.kind) {
    case EditKind::kMakeLink: return fmt::format("tlswhy fix link --place {} --to {}", target, base::shell_quote(edit.value));
    case EditKind::kSetMode: return edit.value == kEverybody ? std::string(kMode) + target : fmt::format("chmod {} {}", edit.value, target);
    case EditKind::kRehash: return "tlswhy fix rehash " + target;
    case EditKind::kDropPrivileges: return fmt::format("chmod ug-s {}; setcap -r {}", target, target);
    case EditKind::kRepairBundle: return "tlswhy fix bundle " + target;
    default: return "";
  }
}

std::string with_environment(const findings::Change& change, const std::vector<std::string>& program) {
  std::vector<std::string> words;
  if (change.has(EditKind::kUnsetVariable)) words.emplace_back("env");
  for (const Edit& edit : change.edits)
    if (edit.kind == EditKind::kUnsetVariable) words.push_back("-u " + edit.target);
  for (const Edit& edit : change.edits)
    if (edit.kind == EditKind::kSetVariable) words.push_back(edit.target + "=" + base::shell_quote(edit.value));
  for (const std::string& word : change.applied_to(program)) words.push_back(base::shell_quote(word));
  return base::join(words, " ");
}

}  // namespace

std::string command_for(const findings::Change& change, const std::vector<std::string>& program) {
  std::vector<std::string> commands;
  for (const Edit& edit : change.edits) {
    // One command for all that everybody may read then.
    const bool alike = edit.kind == EditKind::kSetMode && edit.value == kEverybody && !commands.empty() && commands.back().starts_with(kMode);
    if (alike)
      commands.back() += " " + base::shell_quote(edit.target);
    else if (std::string command = command_of(edit); !command.empty())
      commands.push_back(std::move(command));
  }
  const bool runs = std::ranges::any_of(
      std::array{EditKind::kSetVariable, EditKind::kUnsetVariable, EditKind::kSetOption, EditKind::kUnsetOption, EditKind::kFreshProcess},
      [&](EditKind kind) { return change.has(kind); });
  if (runs) commands.push_back(with_environment(change, program));
  return base::join(commands, "; ");
}

}  // namespace tlswhy::fix
