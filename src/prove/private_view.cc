#include "prove/private_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "base/text.h"
#include "base/unique_fd.h"
#include "host/file_mode.h"

namespace tlswhy::prove {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::UniqueFd;

namespace {

constexpr std::size_t kMaxEntries = 20'000;

Result<void> put(const char* path, const std::string& text) {
  const UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
  if (!fd.valid() || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail_errno(errno, "can't set up a user namespace", path);
  return {};
}

// Without the right to mount, a user namespace in which we are who we were gives it (user_namespaces(7)).
Result<void> own_mounts() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return fail_errno(errno, "files can't be changed for a trial here: no mount namespace");
    TRY_VOID(put("/proc/self/setgroups", "deny"));
    TRY_VOID(put("/proc/self/uid_map", fmt::format("{} {} 1", uid, uid)));
    TRY_VOID(put("/proc/self/gid_map", fmt::format("{} {} 1", gid, gid)));
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return fail_errno(errno, "can't make the mounts private");
  return {};
}

// The names of a directory's entries, without "." and "..".
Result<std::vector<std::string>> entries(const std::string& directory) {
  const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> open(::opendir(directory.c_str()));
  if (!open) return fail_errno(errno, "can't list", directory);
  std::vector<std::string> out;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") out.push_back(name);
    if (out.size() > kMaxEntries) return fail(Code::kLimit, "too many entries for a trial", directory);
  }
  return out;
}

// Shows `name` of the directory `from` in the directory `to`: links as links, all else as what it is.
Result<void> show(int from, int to, const std::string& name) {
  struct stat st{};
  if (::fstatat(from, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return {};
  if (S_ISLNK(st.st_mode)) {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = ::readlinkat(from, name.c_str(), target.data(), target.size());
    target.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    if (size > 0 && ::symlinkat(target.c_str(), to, name.c_str()) != 0) return fail_errno(errno, "can't show a link", name);
    return {};
  }
  if (S_ISDIR(st.st_mode)) {
    if (::mkdirat(to, name.c_str(), 0700) != 0) return fail_errno(errno, "can't show a directory", name);
  } else {
    const UniqueFd empty(::openat(to, name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    if (!empty.valid()) return fail_errno(errno, "can't show a file", name);
  }
  // open_tree(2), move_mount(2): by descriptors, so that neither /proc nor a scratch directory is needed.
  constexpr unsigned kClone = 1, kRecursive = 0x8000, kFromIsFd = 4;  // OPEN_TREE_CLONE, AT_RECURSIVE, MOVE_MOUNT_F_EMPTY_PATH
  const UniqueFd tree(static_cast<int>(::syscall(SYS_open_tree, from, name.c_str(), kClone | kRecursive | AT_SYMLINK_NOFOLLOW | O_CLOEXEC)));
  if (!tree.valid() || ::syscall(SYS_move_mount, tree.get(), "", to, name.c_str(), kFromIsFd) != 0)
    return fail_errno(errno, "can't show an entry", name);
  return {};
}

// A file that is about to change is copied, with its owner and mode.
Result<void> copy_file(int from, int to, const std::string& name) {
  const UniqueFd in(::openat(from, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat st{};
  if (!in.valid() || ::fstat(in.get(), &st) != 0 || !S_ISREG(st.st_mode)) return {};
  const UniqueFd out(::openat(to, name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  if (!out.valid()) return fail_errno(errno, "can't copy a file", name);
  std::string piece(1U << 16, '\0');
  for (ssize_t got = 0; (got = ::read(in.get(), piece.data(), piece.size())) > 0;)
    if (::write(out.get(), piece.data(), static_cast<std::size_t>(got)) != got) return fail_errno(errno, "can't copy a file", name);
  if (::fchown(out.get(), st.st_uid, st.st_gid) != 0 || ::fchmod(out.get(), st.st_mode & 07777U) != 0)
    return fail_errno(errno, "can't copy a file", name);
  return {};
}

// Lays a directory of our own over `directory`, with the same owner, mode and entries; of `changed` a copy, links among them left out.
Result<void> make_private(const std::string& directory, const std::set<std::string>& changed) {
  if (directory == "/") return fail(Code::kUnsupported, "the root directory itself can't be changed for a trial");
  const UniqueFd from(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat st{};
  if (!from.valid() || ::fstat(from.get(), &st) != 0) return fail_errno(errno, "can't open", directory);
  TRY(names, entries(directory));
  if (::mount("tmpfs", directory.c_str(), "tmpfs", 0, "mode=0700,size=64m") != 0) return fail_errno(errno, "can't change it for a trial", directory);
  const UniqueFd to(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const std::string& name : names) TRY_VOID(changed.contains(name) ? copy_file(from.get(), to.get(), name) : show(from.get(), to.get(), name));
  if (::fchown(to.get(), st.st_uid, st.st_gid) != 0 || ::fchmod(to.get(), st.st_mode & 07777U) != 0)
    return fail_errno(errno, "can't change it for a trial", directory);
  return {};
}

// The path with the links of all but its last component followed, as far as it exists, and the deepest directory of it that does.
struct Place {
  std::string directory, rest;  // "/usr/local", "ssl/cert.pem"
};

Place place_of(const std::string& path) {
  std::string above = base::dir_name(path), rest(base::base_name(path));
  for (;;) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(above.c_str(), nullptr), std::free);
    if (real || above == "/") return {real ? real.get() : above, rest};
    rest = std::string(base::base_name(above)) + "/" + rest;
    above = base::dir_name(above);
  }
}

bool is_directory(const std::string& path) {
  struct stat st{};
  return ::lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

// The directories that the edits change, and which of their entries; those above come first.
std::map<std::string, std::set<std::string>> concerned(const std::vector<FileEdit>& edits) {
  std::map<std::string, std::set<std::string>> out;
  for (const FileEdit& edit : edits) {
    const Place place = place_of(edit.path);
    const std::string full = (place.directory == "/" ? "" : place.directory) + "/" + place.rest;
    if (edit.kind == FileEdit::Kind::kMode && is_directory(full))
      out[full];
    else
      out[place.directory].insert(place.rest.substr(0, place.rest.find('/')));
  }
  return out;
}

Result<void> apply(const FileEdit& edit) {
  struct stat st{};
  const auto failed = [&] { return fail_errno(errno, "can't change it for a trial", edit.path); };
  if (edit.kind == FileEdit::Kind::kMode) {
    if (::stat(edit.path.c_str(), &st) != 0) return failed();
    TRY(mode, host::changed_mode(st.st_mode & 07777U, edit.value, S_ISDIR(st.st_mode)));
    if (::chmod(edit.path.c_str(), mode) != 0) return failed();
    return {};
  }
  for (std::size_t at = 1; (at = edit.path.find('/', at)) != std::string::npos; ++at) ::mkdir(edit.path.substr(0, at).c_str(), 0755);
  if (::unlink(edit.path.c_str()) != 0 && errno != ENOENT) return failed();
  if (edit.kind == FileEdit::Kind::kLink) return ::symlink(edit.value.c_str(), edit.path.c_str()) == 0 ? Result<void>{} : failed();
  const UniqueFd fd(::open(edit.path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
  if (!fd.valid() || ::write(fd.get(), edit.value.data(), edit.value.size()) != static_cast<ssize_t>(edit.value.size())) return failed();
  return {};
}

}  // namespace

Result<void> apply_privately(const std::vector<FileEdit>& edits) {
  if (edits.empty()) return {};
  TRY_VOID(own_mounts());
  ::umask(022);
  for (const auto& [directory, changed] : concerned(edits)) TRY_VOID(make_private(directory, changed));
  for (const FileEdit& edit : edits) TRY_VOID(apply(edit));
  return {};
}

std::string pack(const std::vector<FileEdit>& edits) {
  std::string out;
  for (const FileEdit& edit : edits)
    out += fmt::format("{}{} {}\n{}{}", static_cast<char>(edit.kind), edit.path.size(), edit.value.size(), edit.path, edit.value);
  return out;
}

Result<std::vector<FileEdit>> unpack_edits(std::string_view bytes) {
  std::vector<FileEdit> out;
  while (!bytes.empty()) {
    const std::size_t line = bytes.find('\n');
    const auto sizes = base::split(std::string(bytes.substr(1, line == std::string_view::npos ? 0 : line - 1)), ' ');
    if (line == std::string_view::npos || sizes.size() != 2) return fail(Code::kMalformed, "not a list of edits");
    const std::size_t path = std::strtoul(sizes[0].c_str(), nullptr, 10), value = std::strtoul(sizes[1].c_str(), nullptr, 10);
    const std::string_view body = bytes.substr(line + 1);
    if (path > body.size() || value > body.size() - path) return fail(Code::kMalformed, "not a list of edits");
    out.push_back({static_cast<FileEdit::Kind>(bytes[0]), std::string(body.substr(0, path)), std::string(body.substr(path, value))});
    bytes = body.substr(path + value);
  }
  return out;
}

}  // namespace tlswhy::prove
