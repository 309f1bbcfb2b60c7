#include "archive/tree.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/text.h"

namespace tlswhy::archive {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using host::Kind;

namespace {

// Devices of trees, which no file system has: the kernel's are 32 bits wide.
std::uint64_t next_device() {
  static std::atomic<std::uint64_t> last{1ULL << 40};
  return ++last;
}

Node new_directory() {
  Node out;
  out.stat.kind = Kind::kDirectory;
  out.stat.mode = 0755;
  out.implied = true;
  return out;
}

std::string below(const std::string& directory, std::string_view name) { return (directory == "/" ? "" : directory) + "/" + std::string(name); }

// Where a link in `directory` leads, without "." and ".."; "" for what no path is.
std::string end_of_link(const std::string& directory, const std::string& target) {
  constexpr std::size_t kDeepest = 256;
  std::vector<std::string> parts;
  for (const std::string& part : base::split(target.starts_with('/') ? target : directory + "/" + target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  return parts.size() > kDeepest ? "" : "/" + base::join(parts, "/");
}

Result<void> write_all(int fd, const host::Bytes& bytes, const std::string& path) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(errno, "no memory for the file", path);
    done += static_cast<std::size_t>(put);
  }
  return {};
}

}  // namespace

Tree::Tree() : device_(next_device()) { insert("/", new_directory()); }

void Tree::insert(const std::string& path, Node node) {
  if (node.stat.device == 0) {
    node.stat.device = device_;
    static std::atomic<std::uint64_t> last{0};
    node.stat.inode = ++last;
  }
  if (node.stat.kind == Kind::kDirectory) names_.try_emplace(path);
  if (path != "/") names_[base::dir_name(path)].insert(std::string(base::base_name(path)));
  nodes_[path] = std::move(node);
}

std::string Tree::directory_at(const std::string& path, int links) {
  constexpr int kMostLinks = 40;  // as the kernel follows
  const auto known = nodes_.find(path);
  if (known != nodes_.end() && known->second.stat.kind == Kind::kDirectory) return path;
  const std::string parent = directory_at(base::dir_name(path), links);
  if (parent.empty()) return "";
  const std::string real = below(parent, base::base_name(path));
  const auto found = nodes_.find(real);
  if (found == nodes_.end()) return insert(real, new_directory()), real;
  if (found->second.stat.kind == Kind::kDirectory) return real;
  const std::string target = found->second.stat.kind == Kind::kLink && links < kMostLinks ? end_of_link(parent, found->second.stat.target) : "";
  return target.empty() ? "" : directory_at(target, links + 1);
}

bool Tree::put(const std::string& path, Node node) {
  if (path == "/") return true;
  const std::string parent = directory_at(base::dir_name(path));
  if (parent.empty()) return false;
  const std::string real = below(parent, base::base_name(path));
  const auto found = nodes_.find(real);
  const bool directories = found != nodes_.end() && found->second.stat.kind == Kind::kDirectory && node.stat.kind == Kind::kDirectory;
  if (found != nodes_.end() && !directories) remove(real);
  insert(real, std::move(node));
  return true;
}

bool Tree::link(const std::string& path, const std::string& target) {
  const host::Resolved parent = host::resolve(*this, base::dir_name(target));
  if (parent.error != 0) return false;
  const auto found = nodes_.find(below(parent.path, base::base_name(target)));
  return found != nodes_.end() && found->second.stat.kind != Kind::kDirectory && put(path, Node(found->second));
}

void Tree::empty(const std::string& directory) {
  const auto names = names_.find(directory);
  if (names == names_.end()) return;
  const std::set<std::string> all = names->second;
  for (const std::string& name : all) remove(below(directory, name));
}

// Names are at most 256 deep (archive/name.h), and so is this.
void Tree::remove(const std::string& path) {
  if (path == "/" || !nodes_.contains(path)) return;
  empty(path);
  names_.erase(path);
  nodes_.erase(path);
  names_[base::dir_name(path)].erase(std::string(base::base_name(path)));
}

Result<host::Stat> Tree::lstat(const std::string& path) const {
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return fail_errno(ENOENT, "no such entry", path);
  return found->second.stat;
}

Result<host::Bytes> Tree::read(const std::string& path, std::uint64_t limit) const {
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return fail_errno(ENOENT, "no such entry", path);
  const Node& node = found->second;
  if (node.stat.kind != Kind::kFile) return fail(Code::kUnsupported, "not a regular file", path);
  if (!node.content) return fail(Code::kLimit, "its contents were not kept", path);
  if (node.content->size() > limit) return fail(Code::kLimit, "file is too large to read", path);
  return *node.content;
}

Result<base::UniqueFd> Tree::open_file(const std::string& path) const {
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return fail_errno(ENOENT, "no such entry", path);
  if (found->second.stat.kind != Kind::kFile) return fail(Code::kUnsupported, "not a regular file", path);
  if (!found->second.content) return fail(Code::kLimit, "its contents were not kept", path);
  base::UniqueFd fd(::memfd_create("entry", MFD_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "no memory for the file", path);
  TRY_VOID(write_all(fd.get(), *found->second.content, path));
  return fd;
}

Result<std::vector<std::string>> Tree::list(const std::string& path) const {
  constexpr std::size_t kMost = 100'000;  // as of host::RealFiles
  const auto names = names_.find(path);
  if (names == names_.end()) return fail_errno(nodes_.contains(path) ? ENOTDIR : ENOENT, "not a directory", path);
  if (names->second.size() > kMost) return fail(Code::kLimit, "more than 100000 entries", path);
  return std::vector<std::string>(names->second.begin(), names->second.end());
}

}  // namespace tlswhy::archive
