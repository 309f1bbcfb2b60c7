#include "findings/change.h"

#include <fmt/format.h>

#include <algorithm>

namespace tlswhy::findings {
namespace {

std::string text_of(const Edit& edit) {
  switch (edit.kind) {
    case EditKind::kSetVariable: return edit.target + "=" + edit.value;
    case EditKind::kUnsetVariable: return edit.target + " unset";
    case EditKind::kSetOption: return edit.target + " " + edit.value;
    case EditKind::kUnsetOption: return "without " + edit.target;
    case EditKind::kWriteFile: return fmt::format("{} rewritten", edit.target);
    case EditKind::kMakeLink: return fmt::format("{} -> {}", edit.target, edit.value);
    case EditKind::kSetMode: return fmt::format("chmod {} {}", edit.value, edit.target);
    case EditKind::kRehash: return "hash names in " + edit.target;
    case EditKind::kAddAnchor: return edit.target + " as an anchor";
    case EditKind::kAddIntermediate: return edit.target + " sent along";
    case EditKind::kPeerName: return "asked for as " + edit.value;
    case EditKind::kTime: return edit.value == "unchecked" ? "dates left out" : edit.value == kNow ? "by this machine's clock" : "at " + edit.value;
    case EditKind::kDropPrivileges: return edit.target + " without set-id bits and file capabilities";
    case EditKind::kRepairBundle: return edit.target + " without what can't be read";
    case EditKind::kDropCertificate: return edit.target + " not sent";
    case EditKind::kCheckOff: return fmt::format("{} not checked", edit.target);
    case EditKind::kOtherLibrary: return edit.target + " in its place";
    case EditKind::kUnconfined: return "outside of what confines the process";
    case EditKind::kFreshProcess: return "the store read afresh";
  }
  return "";
}

// "--cacert FILE" and "--cacert=FILE" go.
void drop_option(std::vector<std::string>& words, const std::string& option) {
  for (auto at = words.begin(); at != words.end();) {
    if (*at == option)
      at = words.erase(at, at + std::min<std::ptrdiff_t>(2, words.end() - at));
    else if (at->starts_with(option + "="))
      at = words.erase(at);
    else
      ++at;
  }
}

// The last "--cacert FILE", "--cacert=FILE" or "-X name=FILE" gets another value; false when there is none.
bool give_option(std::vector<std::string>& words, const std::string& option, const std::string& value) {
  for (std::size_t i = words.size(); i-- > 1;) {
    if (words[i] == option && i + 1 < words.size()) return words[i + 1] = value, true;
    if (words[i].starts_with(option + "=")) return words[i] = option + "=" + value, true;
  }
  return false;
}

}  // namespace

std::vector<std::string> Change::applied_to(std::vector<std::string> command) const {
  for (const Edit& edit : edits) {
    if (edit.kind != EditKind::kSetOption && edit.kind != EditKind::kUnsetOption) continue;
    if (edit.kind == EditKind::kUnsetOption) {
      drop_option(command, edit.target);
    } else if (!give_option(command, edit.target, edit.value) && !command.empty()) {
      command.insert(command.begin() + 1, {edit.target, edit.value});
    }
  }
  return command;
}

std::string Change::text() const {
  std::string out;
  for (const Edit& edit : edits) out += (out.empty() ? "" : ", ") + text_of(edit);
  return out;
}

const Edit* Change::find(EditKind kind) const {
  const auto hit = std::ranges::find(edits, kind, &Edit::kind);
  return hit == edits.end() ? nullptr : &*hit;
}

bool Change::waives(std::string_view check) const {
  return std::ranges::any_of(edits, [&](const Edit& edit) { return edit.kind == EditKind::kCheckOff && edit.target == check; });
}

bool Change::is_of_the_past() const {
  const Edit* time = find(EditKind::kTime);
  return has(EditKind::kFreshProcess) || has(EditKind::kUnconfined) || (time != nullptr && time->value == kNow);
}

Change set_variable(std::string name, std::string value) { return {{{EditKind::kSetVariable, std::move(name), std::move(value)}}}; }
Change unset_variable(std::string name) { return {{{EditKind::kUnsetVariable, std::move(name), ""}}}; }

}  // namespace tlswhy::findings
