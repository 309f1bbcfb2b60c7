#include "diagnose/replaced_libraries.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "loader/loader.h"
#include "observe/collector.h"
#include "stacks/stack.h"

namespace tlswhy::diagnose {
namespace {

using loader::Object;

// "OpenSSL 3.0.19, built for /usr/lib/ssl".
std::string describe(const host::Files& files, const std::string& path) {
  for (const facts::Stack& one : stacks::recognise_at(files, path))
    if (one.base) return fmt::format("{} is {} {}, built for {}", base::printable(path), one.name, one.version, one.build.openssldir);
  return "";
}

bool same_file(const host::Files& files, const std::string& one, const std::string& other) {
  const host::Resolved a = host::resolve(files, one), b = host::resolve(files, other);
  return a.error == 0 && b.error == 0 && (a.path == b.path || (a.stat.device == b.stat.device && a.stat.inode == b.stat.inode));
}

}  // namespace

std::vector<facts::LibraryFailure> replaced_libraries(const facts::Snapshot& process) {
  std::vector<facts::LibraryFailure> out;
  if (!process.files) return out;
  const host::Files& files = *process.files;
  std::vector<Object> mapped;
  for (const facts::MappedObject& one : process.objects)
    if (auto object = loader::read_object(files, one.file.path)) mapped.push_back(std::move(*object));
  for (const Object& library : mapped) {
    if (library.soname.empty() || !observe::is_tls_library(library.path)) continue;
    for (const Object& user : mapped) {
      // A copy that brings its own parts along is at one with them.
      if (std::ranges::find(user.needed, library.soname) == user.needed.end() || base::dir_name(user.path) == base::dir_name(library.path)) continue;
      const std::string own = loader::find_library(files, mapped.front(), user, library.soname);
      if (own.empty() || own == library.path || same_file(files, own, library.path)) continue;
      out.push_back({process.process.pid, library.soname, base::printable(user.path), "replaced", describe(files, own), library.path, {own}});
      break;
    }
  }
  return out;
}

}  // namespace tlswhy::diagnose
