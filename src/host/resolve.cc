// Path walking as in path_resolution(7), done in user space so that every hop can be reported and so that
// links of an inspected root stay inside it.

#include <algorithm>
#include <cerrno>
#include <deque>

#include "base/text.h"
#include "host/files.h"

namespace tlswhy::host {
namespace {

constexpr int kMaxLinks = 40;  // MAXSYMLINKS in include/linux/namei.h
constexpr std::uint32_t kRead = 4;
constexpr std::uint32_t kSearch = 1;

bool may(const Stat& stat, const Credentials& who, std::uint32_t want) {
  if (who.bypass) return true;
  if (stat.uid == who.uid) return (stat.mode >> 6 & want) == want;
  const bool in_group = stat.gid == who.gid || std::ranges::find(who.groups, stat.gid) != who.groups.end();
  return ((in_group ? stat.mode >> 3 : stat.mode) & want) == want;
}

struct Walk {
  const Files& files;
  const Credentials& who;
  Resolved out;
  std::deque<std::string> pending;
  std::string at = "/";
  std::vector<std::string>* refused = nullptr;  // where to note what refuses, and go on; null: the first one ends the walk

  void queue(const std::string& path) {
    auto parts = base::split(path, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
      if (!part->empty() && *part != ".") pending.push_front(*part);
  }

  bool stop(int error, const std::string& where) {
    out.error = error;
    out.failed_at = where;
    return false;
  }

  bool follow(const std::string& link, const std::string& target) {
    if (out.links.size() >= kMaxLinks) return stop(ELOOP, link);
    out.links.push_back(link + " -> " + target);
    if (target.starts_with('/')) at = "/";
    queue(target);
    return true;
  }

  // Takes one component; false ends the walk with an error.
  bool step() {
    const std::string name = pending.front();
    pending.pop_front();
    if (name == "..") return at = base::dir_name(at), true;
    const std::string next = (at == "/" ? "" : at) + "/" + name;
    const auto stat = files.lstat(next);
    if (!stat) return stop(stat.error().sys_errno != 0 ? stat.error().sys_errno : EIO, next);
    if (stat->kind == Kind::kLink) return follow(next, stat->target);
    if (!pending.empty() && stat->kind != Kind::kDirectory) return stop(ENOTDIR, next);
    if (stat->kind == Kind::kDirectory && !pending.empty() && !may(*stat, who, kSearch)) {
      if (refused == nullptr) return stop(EACCES, next);
      if (std::ranges::find(*refused, next) == refused->end()) refused->push_back(next);
    }
    at = next;
    out.stat = *stat;
    return true;
  }
};

}  // namespace

Resolved resolve(const Files& files, const std::string& path, const Credentials& who, bool want_read) {
  Walk walk{files, who, {}, {}, "/", nullptr};
  walk.out.stat.kind = Kind::kDirectory;
  if (path.empty()) return walk.stop(ENOENT, ""), walk.out;
  walk.queue(path);
  while (!walk.pending.empty())
    if (!walk.step()) return walk.out;
  walk.out.path = walk.at;
  if (const auto stat = files.lstat(walk.at)) walk.out.stat = *stat;  // ".." may have moved up
  if (want_read && !may(walk.out.stat, who, kRead)) walk.stop(EACCES, walk.at);
  return walk.out;
}

std::vector<std::string> refusing(const Files& files, const std::string& path, const Credentials& who) {
  std::vector<std::string> out;
  Walk walk{files, who, {}, {}, "/", &out};
  walk.queue(path);
  while (!walk.pending.empty())
    if (!walk.step()) return out;
  const auto end = files.lstat(walk.at);
  const std::uint32_t want = end && end->kind == Kind::kDirectory ? kRead | kSearch : kRead;
  if (end && !may(*end, who, want)) out.push_back(walk.at);
  return out;
}

base::Result<base::UniqueFd> open_following(const Files& files, const std::string& path) {
  const Resolved end = resolve(files, path);
  if (end.error != 0) return base::fail_errno(end.error, "can't open", path);
  return files.open_file(end.path);
}

base::Result<Bytes> read_following(const Files& files, const std::string& path, std::uint64_t limit, const Credentials& who) {
  const Resolved end = resolve(files, path, who);
  if (end.error != 0) return base::fail_errno(end.error, "can't open", path);
  return files.read(end.path, limit);
}

}  // namespace tlswhy::host
