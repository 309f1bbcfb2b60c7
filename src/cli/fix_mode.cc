// tlswhy fix mode: the right to read a store, and no more.

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "cli/fix_change.h"
#include "fix/plan.h"

namespace tlswhy::cli {
namespace {

struct ModeOptions : ChangeOptions {
  std::vector<std::string> paths;
  std::string user;
};

base::Result<host::Credentials> credentials_of(const std::string& user) {
  const passwd* entry = ::getpwnam(user.c_str());
  uid_t uid = 0;
  if (entry == nullptr && std::from_chars(user.data(), user.data() + user.size(), uid).ec == std::errc{}) {
    entry = ::getpwuid(uid);
    if (entry == nullptr) return host::Credentials{uid, uid, {}, false};
  }
  if (entry == nullptr) return base::fail(base::Code::kUsage, "no such user", base::printable(user));
  std::vector<gid_t> groups(256);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(entry->pw_name, entry->pw_gid, groups.data(), &count) < 0) return base::fail(base::Code::kLimit, "in too many groups", user);
  groups.resize(static_cast<std::size_t>(count));
  return host::Credentials{entry->pw_uid, entry->pw_gid, groups, entry->pw_uid == 0};
}

// The class that counts for the user, "u", "g" or "o", gets what is missing: a file to be read, a folder to be searched; one that is itself the
// store to be listed as well.
std::string least_right(const host::Stat& stat, const host::Credentials& who, bool is_end) {
  const bool in_group = who.gid == stat.gid || std::ranges::find(who.groups, stat.gid) != who.groups.end();
  const char* of = who.uid == stat.uid ? "u" : in_group ? "g" : "o";
  const char* right = stat.kind != host::Kind::kDirectory ? "r" : is_end ? "rx" : "x";
  return fmt::format("{}+{}", of, right);
}

// Every part of the way that refuses them.
base::Result<findings::Change> missing_rights(const fix::Root& root, const ModeOptions& options) {
  TRY(who, credentials_of(options.user));
  findings::Change out;
  for (const std::string& path : options.paths)
    for (const std::string& refusing : host::refusing(root.files(), path, who)) {
      TRY(stat, root.files().lstat(refusing));
      const findings::Edit edit{findings::EditKind::kSetMode, refusing,
                                least_right(stat, who, refusing == host::resolve(root.files(), path, {}).path)};
      if (std::ranges::find(out.edits, edit) == out.edits.end()) out.edits.push_back(edit);
    }
  return out;
}

base::Result<fix::Plan> plan_mode(const ModeOptions& options, const fix::Root& root) {
  findings::Change change;
  if (!options.user.empty()) {
    TRY(missing, missing_rights(root, options));
    change = std::move(missing);
  } else {
    for (const std::string& path : options.paths) change.edits.push_back({findings::EditKind::kSetMode, path, "a+rX"});
  }
  TRY(plan, fix::plan_for(root, "mode", change));
  if (options.user.empty()) return plan;
  TRY(who, credentials_of(options.user));
  plan.verify = [who, paths = options.paths](const fix::Root& at) -> base::Result<std::string> {
    std::vector<std::string> seen;
    for (const std::string& path : paths) {
      TRY(one, fix::anchors_at(at, path, who));
      seen.push_back(std::move(one));
    }
    return base::join(seen, "; ");
  };
  return plan;
}

FixRemedy::Run set_up(Arguments& part) {
  auto options = std::make_shared<ModeOptions>();
  add_change_options(part, *options);
  part.add("PATH", options->paths, "files and folders that everybody may read then; with --user: stores that this user has to reach").required();
  part.add("--user", options->user, "give only what this user lacks, on the whole way to each PATH").type("UID");
  return [options](const std::vector<std::string>&) {
    return carry_out_plan(*options, [&](const fix::Root& root) { return plan_mode(*options, root); });
  };
}

}  // namespace

const FixRemedy kFixMode{"mode", "give the right to read a store that is missing: trust anchors are public", set_up};

}  // namespace tlswhy::cli
