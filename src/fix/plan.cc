#include "fix/plan.h"

#include <fmt/format.h>

#include "base/text.h"
#include "fix/hash_names.h"
#include "host/file_mode.h"
#include "store/anchor_reader.h"
#include "store/pem_repair.h"

namespace tlswhy::fix {

using base::Code;
using base::fail;
using base::Result;
using findings::Edit;
using findings::EditKind;

namespace {

// The end of all links, which is what has to be changed.
Result<std::string> end_of(const Root& root, const std::string& path) {
  const host::Resolved end = host::resolve(root.files(), path, {}, false);
  if (end.error != 0) return base::fail_errno(end.error, "can't be reached", base::printable(path));
  return end.path;
}

// Its contents under the plan so far, else as they are.
Result<State> state_under(const Root& root, const Plan& plan, const std::string& path) {
  for (const Wanted& one : plan.wanted)
    if (one.path == path) return one.state;
  return state_at(root, path);
}

Result<void> make_link(const Root& root, const Edit& edit, Plan& plan) {
  TRY(now, state_at(root, edit.target));
  if (now.kind == Kind::kDirectory) {
    TRY(names, root.files().list(edit.target));
    if (!names.empty())
      return fail(Code::kUnsupported, fmt::format("a folder with {} entries is there; nothing of it is taken away", names.size()), edit.target);
  }
  const std::string leads = edit.value.starts_with('/') ? edit.value : base::dir_name(edit.target) + "/" + edit.value;
  if (host::resolve(root.files(), leads, {}, false).error != 0)
    return fail(Code::kNotFound, "not there, so a link to it would lead nowhere", base::printable(edit.value));
  return plan.want(root, edit.target, link_state(edit.value));
}

Result<void> set_mode(const Root& root, const Edit& edit, Plan& plan) {
  TRY(path, end_of(root, edit.target));
  TRY(now, state_under(root, plan, path));
  TRY(mode, host::changed_mode(now.mode, edit.value, now.kind == Kind::kDirectory));
  now.mode = mode;
  now.modified = -1;
  return plan.want(root, path, std::move(now));
}

Result<void> repair(const Root& root, const Edit& edit, Plan& plan) {
  TRY(path, end_of(root, edit.target));
  TRY(now, state_under(root, plan, path));
  if (now.kind != Kind::kFile) return fail(Code::kUnsupported, "not a file", base::printable(path));
  store::Repaired anew = store::repair_bundle(now.content);
  for (const std::string& dropped : anew.dropped) plan.notes.push_back(fmt::format("left out of {}: {}", base::printable(path), dropped));
  now.content = std::move(anew.text);
  now.modified = -1;
  return plan.want(root, path, std::move(now));
}

Result<void> rehash(const Root& root, const Edit& edit, Plan& plan) {
  TRY(path, end_of(root, edit.target));
  TRY(names, missing_hash_names(root.files(), path));
  for (const HashName& one : names) TRY_VOID(plan.want(root, path + "/" + one.name, one.target.empty() ? State{} : link_state(one.target)));
  return {};
}

Result<void> write_file(const Root& root, const Edit& edit, Plan& plan) {
  TRY(now, state_under(root, plan, edit.target));
  if (now.kind != Kind::kFile) return plan.want(root, edit.target, file_state(edit.value));
  now.content = edit.value;
  now.modified = -1;
  return plan.want(root, edit.target, std::move(now));
}

Result<void> plan_edit(const Root& root, const Edit& edit, Plan& plan) {
  switch (edit.kind) {
    case EditKind::kMakeLink: return make_link(root, edit, plan);
    case EditKind::kSetMode: return set_mode(root, edit, plan);
    case EditKind::kRepairBundle: return repair(root, edit, plan);
    case EditKind::kRehash: return rehash(root, edit, plan);
    case EditKind::kWriteFile: return write_file(root, edit, plan);
    default: return fail(Code::kUnsupported, fmt::format("\"{}\" is nothing that a file says", facts::name_of(edit.kind)), edit.target);
  }
}

// Where anchors have to be found afterwards. A mode may be that of a folder on the way.
std::vector<std::string> stores_of(const findings::Change& change) {
  std::vector<std::string> out;
  for (const Edit& edit : change.edits)
    if (edit.kind == EditKind::kRepairBundle || edit.kind == EditKind::kRehash) out.push_back(edit.target);
  return out;
}

}  // namespace

Result<std::string> anchors_at(const Root& root, const std::string& path, const host::Credentials& who) {
  store::AnchorReader reader(root.files(), who);
  const store::AnchorSet found = reader.is_directory(path) ? reader.directory(path) : reader.bundle(path);
  if (found.anchors.empty())
    return fail(Code::kUnsupported, fmt::format("no anchor is found there then: {} {}", store::status_name(found.status), found.detail), path);
  return fmt::format("{}: {} anchor{}", base::printable(path), found.anchors.size(), found.anchors.size() == 1 ? "" : "s");
}

Result<Plan> plan_for(const Root& root, const std::string& remedy, const findings::Change& change) {
  Plan plan;
  plan.remedy = remedy;
  for (const Edit& edit : change.edits) TRY_VOID(plan_edit(root, edit, plan));
  plan.verify = [places = stores_of(change)](const Root& at) -> Result<std::string> {
    std::vector<std::string> seen;
    for (const std::string& place : places) {
      TRY(one, anchors_at(at, place));
      seen.push_back(std::move(one));
    }
    return base::join(seen, "; ");
  };
  return plan;
}

}  // namespace tlswhy::fix
