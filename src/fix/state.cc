#include "fix/state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "base/text.h"

namespace tlswhy::fix {

using base::fail;
using base::fail_errno;
using base::Result;
using base::UniqueFd;

namespace {

constexpr std::int64_t kNano = 1'000'000'000;
constexpr off_t kMaxFile = off_t{1} << 30;

// Made of the contents by the kernel, so they can't be kept.
bool follows_contents(const std::string& name) { return name == "security.ima" || name == "security.evm"; }

Result<std::map<std::string, std::string>> attributes_of(const Place& place, const std::string& path) {
  std::map<std::string, std::string> out;
  const std::string at = place.path();
  std::string names(XATTR_LIST_MAX, '\0');
  const ssize_t size = ::llistxattr(at.c_str(), names.data(), names.size());
  if (size < 0 && (errno == ENOTSUP || errno == EPERM)) return out;
  if (size < 0) return fail_errno(errno, "can't list its attributes", path);
  names.resize(static_cast<std::size_t>(size));
  for (const std::string& name : base::split(names, '\0')) {
    if (name.empty() || follows_contents(name)) continue;
    std::string value(XATTR_SIZE_MAX, '\0');
    const ssize_t got = ::lgetxattr(at.c_str(), name.c_str(), value.data(), value.size());
    if (got < 0 && (errno == ENODATA || errno == ENOTSUP)) continue;
    if (got < 0) return fail_errno(errno, "can't read its attribute " + name, path);
    value.resize(static_cast<std::size_t>(got));
    out.emplace(name, std::move(value));
  }
  return out;
}

// What is set otherwise is set; what is there beyond goes.
Result<void> set_attributes(const Place& place, const std::map<std::string, std::string>& wanted, const std::string& path) {
  TRY(there, attributes_of(place, path));
  const std::string at = place.path();
  for (const auto& [name, value] : wanted) {
    const auto now = there.find(name);
    if (now != there.end() && now->second == value) continue;
    if (::lsetxattr(at.c_str(), name.c_str(), value.data(), value.size(), 0) != 0) return fail_errno(errno, "can't keep its attribute " + name, path);
  }
  for (const auto& [name, value] : there)
    if (!wanted.contains(name) && !name.starts_with("security.selinux") && ::lremovexattr(at.c_str(), name.c_str()) != 0 && errno != ENODATA)
      return fail_errno(errno, "can't take away its attribute " + name, path);
  return {};
}

Result<std::string> contents_of(const Place& place, const std::string& path, off_t size) {
  if (size > kMaxFile) return fail(base::Code::kLimit, "larger than 1 GiB", path);
  const UniqueFd fd(::openat(place.folder.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "can't read", path);
  std::string out(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::read(fd.get(), out.data() + filled, out.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "can't read", path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return out;
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(errno, "can't write", path);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

std::array<timespec, 2> times_of(std::int64_t modified) {
  return {timespec{0, UTIME_OMIT}, modified < 0 ? timespec{0, UTIME_OMIT} : timespec{modified / kNano, modified % kNano}};
}

// Owner, mode, attributes and time, in the order in which one does not undo the other: chown(2) takes set-id bits and capabilities away.
Result<void> dress(const Place& place, const State& wanted, const std::string& path) {
  struct stat now{};
  if (::fstatat(place.folder.get(), place.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) return fail_errno(errno, "can't look at", path);
  const bool owned = (wanted.uid < 0 || wanted.uid == now.st_uid) && (wanted.gid < 0 || wanted.gid == now.st_gid);
  if (!owned &&
      ::fchownat(place.folder.get(), place.name.c_str(), static_cast<uid_t>(wanted.uid), static_cast<gid_t>(wanted.gid), AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(errno, "can't keep its owner", path);
  if (wanted.kind != Kind::kLink && ((now.st_mode & 07777U) != wanted.mode || !owned) &&
      ::fchmodat(place.folder.get(), place.name.c_str(), wanted.mode, 0) != 0)
    return fail_errno(errno, "can't set its mode", path);
  if (wanted.uid >= 0) TRY_VOID(set_attributes(place, wanted.attributes, path));
  const auto times = times_of(wanted.modified);
  if (::utimensat(place.folder.get(), place.name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(errno, "can't set its time", path);
  return {};
}

void sync(const Place& place) {
  if (place.can_sync) ::fsync(place.folder.get());
}

std::string temporary_name(const std::string& id) { return ".tlswhy-" + id; }

Result<void> make_file(const Place& place, const State& wanted, const std::string& path) {
  const UniqueFd fd(::openat(place.folder.get(), place.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return fail_errno(errno, "can't write beside", path);
  TRY_VOID(write_all(fd.get(), wanted.content, path));
  TRY_VOID(dress(place, wanted, path));
  if (::fsync(fd.get()) != 0) return fail_errno(errno, "can't write", path);
  return {};
}

// By a temporary name in the same folder.
Result<void> replace(const Place& place, const State& now, const State& wanted, const std::string& path, const std::string& id) {
  Place temporary{UniqueFd(::fcntl(place.folder.get(), F_DUPFD_CLOEXEC, 0)), temporary_name(id), place.can_sync};
  ::unlinkat(temporary.folder.get(), temporary.name.c_str(), 0);
  Result<void> done;
  if (wanted.kind == Kind::kFile)
    done = make_file(temporary, wanted, path);
  else if (::symlinkat(wanted.content.c_str(), temporary.folder.get(), temporary.name.c_str()) != 0)
    done = fail_errno(errno, "can't make a link beside", path);
  else
    done = dress(temporary, wanted, path);
  const bool folder = now.kind == Kind::kDirectory;
  if (done && folder && ::unlinkat(place.folder.get(), place.name.c_str(), AT_REMOVEDIR) != 0)
    done = fail_errno(errno, "can't take the folder away", path);
  if (done && ::renameat(temporary.folder.get(), temporary.name.c_str(), place.folder.get(), place.name.c_str()) != 0) {
    done = fail_errno(errno, "can't replace", path);
    if (folder && ::mkdirat(place.folder.get(), place.name.c_str(), 0700) == 0) (void)dress(place, now, path);
  }
  if (!done) ::unlinkat(temporary.folder.get(), temporary.name.c_str(), 0);
  if (done) sync(place);
  return done;
}

Result<void> take_away(const Place& place, const State& now, const std::string& path) {
  if (::unlinkat(place.folder.get(), place.name.c_str(), now.kind == Kind::kDirectory ? AT_REMOVEDIR : 0) != 0)
    return fail_errno(errno, "can't take it away", path);
  sync(place);
  return {};
}

}  // namespace

std::string State::text() const {
  switch (kind) {
    case Kind::kAbsent: return "absent";
    case Kind::kFile: return fmt::format("a file of {} bytes, {:04o}", content.size(), mode);
    case Kind::kLink: return "-> " + content;
    case Kind::kDirectory: return fmt::format("a folder, {:04o}", mode);
  }
  return "";
}

State file_state(std::string content, std::uint32_t mode) { return {Kind::kFile, mode, -1, -1, -1, std::move(content), {}}; }
State link_state(std::string target) { return {Kind::kLink, 0777, -1, -1, -1, std::move(target), {}}; }
State directory_state(std::uint32_t mode) { return {Kind::kDirectory, mode, -1, -1, -1, "", {}}; }

bool same(const State& one, const State& other) {
  const auto owner = [](std::int64_t a, std::int64_t b) { return a < 0 || b < 0 || a == b; };
  if (one.kind != other.kind) return false;
  if (one.kind == Kind::kAbsent) return true;
  if (!owner(one.uid, other.uid) || !owner(one.gid, other.gid) || one.content != other.content) return false;
  if (one.kind == Kind::kLink) return true;
  const bool known = one.uid >= 0 && other.uid >= 0;
  return one.mode == other.mode && (!known || one.attributes == other.attributes);
}

Result<State> state_at(const Root& root, const std::string& path) {
  const auto place = root.place(path);
  if (!place && place.error().sys_errno == ENOENT) return State{};
  if (!place) return std::unexpected(place.error());
  struct stat st{};
  if (::fstatat(place->folder.get(), place->name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return State{};
    return fail_errno(errno, "can't look at", path);
  }
  State out{Kind::kAbsent, st.st_mode & 07777U, st.st_uid, st.st_gid, st.st_mtim.tv_sec * kNano + st.st_mtim.tv_nsec, "", {}};
  if (S_ISLNK(st.st_mode)) {
    out.kind = Kind::kLink;
    out.content.resize(PATH_MAX);
    const ssize_t size = ::readlinkat(place->folder.get(), place->name.c_str(), out.content.data(), out.content.size());
    if (size < 0) return fail_errno(errno, "can't read the link", path);
    out.content.resize(static_cast<std::size_t>(size));
  } else if (S_ISDIR(st.st_mode)) {
    out.kind = Kind::kDirectory;
  } else if (S_ISREG(st.st_mode)) {
    out.kind = Kind::kFile;
    TRY(content, contents_of(*place, path, st.st_size));
    out.content = std::move(content);
  } else {
    return fail(base::Code::kUnsupported, "neither a file, a link nor a folder", path);
  }
  TRY(attributes, attributes_of(*place, path));
  out.attributes = std::move(attributes);
  return out;
}

std::uint64_t names_of_file(const Root& root, const std::string& path) {
  const auto place = root.place(path);
  struct stat st{};
  if (!place || ::fstatat(place->folder.get(), place->name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) return 0;
  return st.st_nlink;
}

Result<void> put(const Root& root, const std::string& path, const State& wanted, const std::string& id) {
  TRY(now, state_at(root, path));
  if (same(now, wanted) && (wanted.modified < 0 || wanted.modified == now.modified)) return {};
  TRY(place, root.place(path));
  if (wanted.kind == Kind::kAbsent) return take_away(place, now, path);
  const bool in_place = now.kind == wanted.kind && now.content == wanted.content;
  if (in_place) {
    const auto dressed = dress(place, wanted, path);
    if (!dressed) (void)dress(place, now, path);
    sync(place);
    return dressed;
  }
  if (wanted.kind != Kind::kDirectory) return replace(place, now, wanted, path, id);
  if (now.kind != Kind::kAbsent) return fail(base::Code::kUnsupported, "there is " + now.text() + " where a folder should be", path);
  if (::mkdirat(place.folder.get(), place.name.c_str(), 0700) != 0) return fail_errno(errno, "can't make the folder", path);
  const auto dressed = dress(place, wanted, path);
  if (!dressed) ::unlinkat(place.folder.get(), place.name.c_str(), AT_REMOVEDIR);
  if (dressed) sync(place);
  return dressed;
}

void sweep(const Root& root, const std::string& path, const std::string& id) {
  if (const auto place = root.place(path)) ::unlinkat(place->folder.get(), temporary_name(id).c_str(), 0);
}

}  // namespace tlswhy::fix
