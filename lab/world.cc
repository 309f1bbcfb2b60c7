#include "lab/world.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/unique_fd.h"

namespace lab {

using tlswhy::base::Code;
using tlswhy::base::fail;
using tlswhy::base::fail_errno;
using tlswhy::base::Result;

namespace {

namespace fs = std::filesystem;

// The folders that scenarios may write to.
constexpr std::array kWritable{"/etc", "/opt", "/usr/lib/ssl", "/usr/local", "/usr/share/ca-certificates"};

bool put(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  return out.flush().good();
}

Result<void> unshare_all() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  const int user = uid == 0 ? 0 : CLONE_NEWUSER;
  if (::unshare(user | CLONE_NEWNS | CLONE_NEWNET) != 0)
    return fail_errno(errno, "namespaces are not allowed here: run the lab as root, or allow unprivileged user namespaces");
  if (user == 0) return {};
  // user_namespaces(7): setgroups must be given up before an unprivileged process may map a group.
  if (!put("/proc/self/setgroups", "deny") || !put("/proc/self/uid_map", fmt::format("0 {} 1", uid)) ||
      !put("/proc/self/gid_map", fmt::format("0 {} 1", gid)))
    return fail(Code::kDenied, "the user namespace can't be set up", "/proc/self/uid_map");
  return {};
}

Result<void> raise_loopback() {
  const tlswhy::base::UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(fd.get(), SIOCSIFFLAGS, &request) != 0) return fail_errno(errno, "can't raise the loopback interface");
  return {};
}

// What can be read of `from`, at `to`, owned by us. Unreadable files (shadow) are left out.
void copy_tree(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(from, fs::directory_options::skip_permission_denied, ignored)) {
    const fs::path target = to / entry.path().filename();
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) {
      fs::create_directory(target, ignored);
      copy_tree(entry.path(), target);
    } else if (entry.is_symlink(ignored) || entry.is_regular_file(ignored)) {
      fs::copy(entry.path(), target, fs::copy_options::copy_symlinks, ignored);
    }
  }
}

// Large folders are not copied: each of their entries is shown where it was.
void mirror(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(from, fs::directory_options::skip_permission_denied, ignored)) {
    const fs::path target = to / entry.path().filename();
    if (!entry.is_directory(ignored) || entry.is_symlink(ignored)) continue;
    fs::create_directory(target, ignored);
    ::mount(entry.path().c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr);
  }
}

// An overlay: reads fall through to the machine's folder, writes stay in the scratch.
bool overlay(const std::string& folder, const std::string& upper, const std::string& work) {
  const std::string options = fmt::format("lowerdir={},upperdir={},workdir={}", folder, upper, work);
  return ::mount("overlay", folder.c_str(), "overlay", 0, options.c_str()) == 0 ||
         ::mount("overlay", folder.c_str(), "overlay", 0, (options + ",userxattr").c_str()) == 0;
}

Result<void> make_writable(const std::string& folder, const std::string& scratch) {
  std::string flat = folder;
  std::ranges::replace(flat, '/', '_');
  const std::string upper = fmt::format("{}/{}.upper", scratch, flat), work = fmt::format("{}/{}.work", scratch, flat);
  fs::create_directories(upper);
  fs::create_directories(work);
  struct stat st{};
  if (::stat(folder.c_str(), &st) != 0) return {};
  ::chmod(upper.c_str(), st.st_mode & 07777U);
  // Files of a user that this namespace does not know can't be changed through an overlay, only copied; and some
  // containers can't stack overlays at all.
  const bool ours = st.st_uid == 0;
  if (ours && overlay(folder, upper, work)) return {};
  if (folder == "/usr/local" || folder == "/opt")
    mirror(folder, upper);
  else
    copy_tree(folder, upper);
  if (::mount(upper.c_str(), folder.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    return fail_errno(errno, "can't make it writable in the lab", folder);
  return {};
}

}  // namespace

Result<void> enter_world(const std::string& scratch) {
  TRY_VOID(unshare_all());
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail_errno(errno, "can't make the mounts private; in a chroot, bind-mount its root folder onto itself first");
  if (::mount("tmpfs", scratch.c_str(), "tmpfs", 0, "mode=0755") != 0) return fail_errno(errno, "can't mount a tmpfs", scratch);
  TRY_VOID(raise_loopback());
  for (const char* folder : kWritable) TRY_VOID(make_writable(folder, scratch));
  std::error_code ignored;
  fs::remove_all("/usr/local/ssl", ignored);
  if (!put("/etc/hosts", fmt::format("127.0.0.1 localhost\n127.0.0.1 {}\n", kServerName))) return fail(Code::kSystem, "can't write", "/etc/hosts");
  fs::create_directories(kLab);
  return {};
}

Result<void> show_at(const std::string& source, const std::string& target, const std::string& scratch) {
  std::error_code error;
  fs::create_directories(target, error);
  if (error || ::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    return fail_errno(errno, "can't show it in the lab", target);
  return make_writable(target, scratch);
}

}  // namespace lab
