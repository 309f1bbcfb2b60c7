#include "fix/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>
#include <ranges>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "fix/package_owner.h"
#include "fix/tool.h"

namespace tlswhy::fix {

using base::Code;
using base::fail;
using base::Result;

namespace {

// What is at `path` and everything below it.
Result<void> collect(const Root& root, const std::string& path, std::vector<Item>& out) {
  TRY(now, state_at(root, path));
  if (now.kind == Kind::kAbsent) return {};
  const bool folder = now.kind == Kind::kDirectory;
  out.push_back({path, std::move(now), {}});
  if (!folder) return {};
  TRY(names, root.files().list(path));
  for (const std::string& name : names) TRY_VOID(collect(root, path + "/" + name, out));
  return {};
}

Result<std::vector<Item>> collect_all(const Root& root, const std::vector<std::string>& folders) {
  std::vector<Item> out;
  for (const std::string& folder : folders) TRY_VOID(collect(root, folder, out));
  return out;
}

// A package's file comes back with its next version; a mode stays. Of a link that leads nowhere nothing is lost.
Result<void> refuse_shared(const Root& root, const std::vector<Item>& items) {
  for (const Item& item : items) {
    const bool mode_alone = item.before.kind == item.after.kind && item.before.content == item.after.content;
    const bool nowhere = item.before.kind == Kind::kLink && host::resolve(root.files(), item.path, {}, false).error == ENOENT;
    if (item.before.kind == Kind::kAbsent || mode_alone || nowhere) continue;
    if (const std::uint64_t names = names_of_file(root, item.path); names > 1)
      return fail(Code::kDenied,
                  fmt::format("is one file with {} names (hard links), and the others would keep what is in it now; --force changes it alone", names),
                  base::printable(item.path));
    const std::string package = package_of(root, item.path);
    if (!package.empty())
      return fail(Code::kDenied,
                  fmt::format("belongs to the package {}, whose next version would undo this; with --force it is changed all the same", package),
                  base::printable(item.path));
  }
  return {};
}

// Backwards; an error is kept, and the rest is put back all the same.
Result<void> put_back(const Root& root, const std::vector<Item>& items, const std::string& id) {
  Result<void> out;
  for (const Item& item : std::views::reverse(items)) {
    sweep(root, item.path, id);
    auto done = put(root, item.path, item.before, id);
    // A folder that we made and others use by now stays.
    if (!done && done.error().sys_errno == ENOTEMPTY && item.before.kind == Kind::kAbsent) continue;
    if (!done && out) out = std::unexpected(done.error());
  }
  return out;
}

// What lies in a watched folder and no item knows of is new.
Result<std::vector<Item>> with_news(const Root& root, const Entry& entry) {
  std::vector<Item> out = entry.items;
  std::set<std::string> known;
  for (const Item& item : out) known.insert(item.path);
  TRY(now, collect_all(root, entry.watched));
  for (Item& item : now)
    if (!known.contains(item.path)) out.push_back({item.path, {}, std::move(item.before)});
  return out;
}

class Application {
 public:
  Application(const Root& root, const Plan& plan, const ApplyOptions& options) : root_(root), plan_(plan), options_(options) {}

  Result<findings::Applied> run() {
    entry_.remedy = plan_.remedy, entry_.root = root_.path(), entry_.notes = plan_.notes, entry_.at = base::time_text(std::time(nullptr));
    TRY_VOID(look());
    if (entry_.items.empty() && plan_.tool.empty()) return nothing();
    if (!options_.force) TRY_VOID(refuse_shared(root_, entry_.items));
    if (options_.dry_run) return planned();
    TRY(journal, Journal::open());
    note_interrupted(journal);
    entry_.id = journal.new_id(plan_.remedy);
    planned_ = entry_.items;
    entry_.watched = plan_.watched;
    TRY(watched, collect_all(root_, plan_.watched));
    // First, so that it is put back last.
    for (Item& item : watched) item.after = item.before;
    entry_.items.insert(entry_.items.begin(), watched.begin(), watched.end());
    if (auto begun = journal.write(entry_); !begun) return (void)journal.forget(entry_.id), std::unexpected(begun.error());
    if (auto done = change(); !done) return take_back(journal, done.error());
    // The tool found all as it should be.
    if (entry_.items.empty()) {
      TRY_VOID(journal.forget(entry_.id));
      entry_.id.clear(), entry_.state = "nothing to do";
      return told();
    }
    entry_.state = "applied";
    if (auto kept = journal.write(entry_); !kept) return take_back(journal, kept.error());
    return told();
  }

 private:
  Result<void> look() {
    for (const Wanted& wanted : plan_.wanted) {
      TRY(now, state_at(root_, wanted.path));
      if (!same(now, wanted.state)) entry_.items.push_back({wanted.path, std::move(now), wanted.state});
    }
    return {};
  }

  findings::Applied told() const {
    findings::Applied out = entry_.told();
    if (!plan_.tool.empty()) out.steps.push_back({"run", base::join(plan_.tool, " "), "", ""});
    return out;
  }

  Result<findings::Applied> nothing() {
    entry_.state = "nothing to do";
    if (plan_.verify) {
      TRY(seen, plan_.verify(root_));
      entry_.verified = seen;
    }
    return told();
  }

  Result<findings::Applied> planned() {
    entry_.state = "planned";
    return told();
  }

  void note_interrupted(const Journal& journal) {
    for (const Entry& one : journal.all())
      if (one.state == "interrupted")
        entry_.notes.push_back(fmt::format("an earlier remedy was interrupted: `tlswhy fix --undo {}` puts back what it had changed", one.id));
  }

  Result<void> change() {
    for (const Item& item : planned_) TRY_VOID(put(root_, item.path, item.after, entry_.id));
    if (!plan_.tool.empty()) TRY_VOID(run_the_tool());
    if (plan_.verify) {
      TRY(seen, plan_.verify(root_));
      entry_.verified = seen;
    }
    return settle();
  }

  Result<void> run_the_tool() {
    TRY(ran, run_tool(plan_.tool));
    if (ran.status == 0) return {};
    return fail(Code::kSystem, fmt::format("ended with status {}: {}", ran.status, base::printable(ran.output.substr(0, 500))), plan_.tool.front());
  }

  // Only what differs now, with its state as it came to be: owners are known by now.
  Result<void> settle() {
    TRY(all, with_news(root_, entry_));
    std::map<std::string, State> first;
    std::vector<Item> changed;
    for (Item& item : all) {
      // What was both watched and planned stands there twice: as it was before counts.
      if (!first.emplace(item.path, item.before).second) continue;
      TRY(now, state_at(root_, item.path));
      if (same(now, item.before)) continue;
      item.after = std::move(now);
      changed.push_back(std::move(item));
    }
    entry_.items = std::move(changed);
    return {};
  }

  Result<findings::Applied> take_back(const Journal& journal, base::Error error) {
    auto all = with_news(root_, entry_);
    const auto back = put_back(root_, all ? *all : entry_.items, entry_.id);
    if (!back) {
      error.message += fmt::format("; and not all could be put back ({}): `tlswhy fix --undo {}`", back.error().text(), entry_.id);
      return std::unexpected(error);
    }
    (void)journal.forget(entry_.id);
    error.message += "; nothing was changed";
    return std::unexpected(error);
  }

  const Root& root_;
  const Plan& plan_;
  ApplyOptions options_;
  Entry entry_;
  std::vector<Item> planned_;
};

Result<Entry> entry_to_undo(const Journal& journal, const std::string& id) {
  if (!id.empty()) return journal.read(id);
  auto all = journal.all();
  const auto last = std::ranges::find_if(all.rbegin(), all.rend(), [](const Entry& entry) { return entry.state != "undone"; });
  if (last == all.rend()) return fail(Code::kNotFound, "nothing to undo: the journal has no remedy that is applied");
  return std::move(*last);
}

// Each path has to be as it was before or after, so that nobody's later work is lost. Of what was interrupted its mode may be neither yet.
Result<void> refuse_changed(const Root& root, const Entry& entry, const std::vector<Item>& items) {
  const bool interrupted = entry.state == "interrupted";
  if (interrupted && !entry.watched.empty()) return {};
  const auto alike = [&](const State& one, const State& other) {
    return interrupted ? one.kind == other.kind && one.content == other.content : same(one, other);
  };
  for (const Item& item : items) {
    TRY(now, state_at(root, item.path));
    if (!alike(now, item.before) && !alike(now, item.after))
      return fail(Code::kDenied,
                  fmt::format("was changed since ({}, not {}); with --force it is put back all the same", now.text(), item.after.text()),
                  base::printable(item.path));
  }
  return {};
}

}  // namespace

Result<void> Plan::want(const Root& root, const std::string& path, State state) {
  const auto planned = [&](const std::string& at) { return std::ranges::find(wanted, at, &Wanted::path); };
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (planned(folder) != wanted.end()) continue;
    const host::Resolved end = host::resolve(root.files(), folder, {}, false);
    if (end.error == 0 && end.stat.kind == host::Kind::kDirectory) continue;
    if (end.error == 0) return fail(Code::kUnsupported, "no folder, so nothing can be made below it", folder);
    if (end.error != ENOENT) return base::fail_errno(end.error, "can't be passed", end.failed_at);
    if (!end.links.empty())
      return fail(Code::kUnsupported, "on the way there is a link that leads nowhere: " + base::printable(end.links.back()), folder);
    wanted.push_back({folder, directory_state()});
  }
  if (const auto there = planned(path); there != wanted.end())
    there->state = std::move(state);
  else
    wanted.push_back({path, std::move(state)});
  return {};
}

Result<findings::Applied> apply(const Root& root, const Plan& plan, const ApplyOptions& options) { return Application(root, plan, options).run(); }

Result<findings::Applied> undo(const std::string& id, const ApplyOptions& options) {
  TRY(journal, options.dry_run ? Journal::look() : Journal::open());
  TRY(entry, entry_to_undo(journal, id));
  if (entry.state == "undone") {
    findings::Applied before = entry.told();
    before.steps.clear();
    return before;
  }
  TRY(root, Root::open(entry.root));
  TRY(items, entry.state == "interrupted" ? with_news(root, entry) : Result<std::vector<Item>>(entry.items));
  if (!options.force) TRY_VOID(refuse_changed(root, entry, items));
  Entry back = entry;
  back.items.clear(), back.notes.clear(), back.verified.clear();
  for (const Item& item : std::views::reverse(items)) {
    TRY(now, state_at(root, item.path));
    if (!same(now, item.before)) back.items.push_back({item.path, std::move(now), item.before});
  }
  if (options.dry_run) {
    back.state = "planned";
    return back.told();
  }
  TRY_VOID(put_back(root, items, entry.id));
  entry.state = back.state = "undone";
  TRY_VOID(journal.write(entry));
  back.verified = "everything is as it was before";
  return back.told();
}

}  // namespace tlswhy::fix
