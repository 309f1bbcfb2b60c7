#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/text.h"
#include "host/files.h"

namespace tlswhy::host {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;

void MemoryFiles::add(const std::string& path, Kind kind, std::string content, std::uint32_t mode, uid_t uid) {
  if (path != "/" && !entries_.contains(base::dir_name(path))) add_directory(base::dir_name(path));
  Entry entry;
  entry.stat = {kind, mode, uid, uid, content.size(), 1, entries_.size() + 1, 0, kind == Kind::kLink ? content : ""};
  entry.content = std::move(content);
  entries_[path] = std::move(entry);
}

void MemoryFiles::add_file(const std::string& path, std::string content, std::uint32_t mode, uid_t uid) {
  add(path, Kind::kFile, std::move(content), mode, uid);
}
void MemoryFiles::add_directory(const std::string& path, std::uint32_t mode, uid_t uid) { add(path, Kind::kDirectory, "", mode, uid); }
void MemoryFiles::add_link(const std::string& path, const std::string& target) { add(path, Kind::kLink, target, 0777, 0); }

Result<const MemoryFiles::Entry*> MemoryFiles::find(const std::string& path) const {
  const auto found = entries_.find(path);
  if (found == entries_.end()) return fail_errno(ENOENT, "no such entry", path);
  return &found->second;
}

Result<Stat> MemoryFiles::lstat(const std::string& path) const {
  TRY(entry, find(path));
  return entry->stat;
}

Result<Bytes> MemoryFiles::read(const std::string& path, std::uint64_t limit) const {
  TRY(entry, find(path));
  if (entry->stat.kind != Kind::kFile) return fail(Code::kUnsupported, "not a regular file", path);
  if (entry->content.size() > limit) return fail(Code::kLimit, "file is too large to read", path);
  return Bytes(entry->content.begin(), entry->content.end());
}

Result<base::UniqueFd> MemoryFiles::open_file(const std::string& path) const {
  TRY(bytes, read(path, UINT64_MAX));
  base::UniqueFd fd(::memfd_create("file", MFD_CLOEXEC));
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return fail_errno(errno, "no memory for the file", path);
  return fd;
}

Result<std::vector<std::string>> MemoryFiles::list(const std::string& path) const {
  TRY(entry, find(path));
  if (entry->stat.kind != Kind::kDirectory) return fail_errno(ENOTDIR, "not a directory", path);
  std::vector<std::string> names;
  for (const auto& [name, unused] : entries_)
    if (name != "/" && base::dir_name(name) == path) names.emplace_back(base::base_name(name));
  return names;
}

}  // namespace tlswhy::host
