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

// Every block that openssl can read, each on lines of its own; the file keeps its owner and mode.
std::string repair_command(const std::string& file, bool der) {
  constexpr const char* kAwk = R"(/-----BEGIN /{b=""} {b=b $0 "\n"} /-----END CERTIFICATE-----/{printf "%s", b | "openssl x509 2>/dev/null"; )"
                               R"(close("openssl x509 2>/dev/null")})";
  const std::string anew = der ? fmt::format("openssl x509 -inform DER -in {} >", file)
                               : fmt::format(R"(sed 's/-----END CERTIFICATE-----/&\n/g' {} | awk '{}' >)", file, kAwk);
  return fmt::format("{0} {1}.new && cat {1}.new > {1} && rm {1}.new", anew, file);
}

// "" for what is no command of its own.
std::string command_of(const Edit& edit) {
  const std::string target = base::shell_quote(edit.target);
  switch (edit.kind) {
    case EditKind::kMakeLink: {
      return fmt::format("mkdir -p {} && ln -sfn {} {}", base::shell_quote(base::dir_name(edit.target)), base::shell_quote(edit.value), target);
    }
    case EditKind::kSetMode: return fmt::format("chmod {} {}", edit.value, target);
    case EditKind::kRehash: return "openssl rehash " + target;
    case EditKind::kDropPrivileges: return fmt::format("chmod ug-s {}; setcap -r {}", target, target);
    case EditKind::kRepairBundle: return repair_command(target, edit.value == "der");
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
    // One chmod for all that gets the same mode.
    const bool alike = edit.kind == EditKind::kSetMode && !commands.empty() && commands.back().starts_with("chmod " + edit.value + " ");
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
