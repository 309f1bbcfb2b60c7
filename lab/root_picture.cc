#include "lab/root_picture.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "lab/world.h"

namespace lab {
namespace {

namespace fs = std::filesystem;

// Above it the time of change has to do.
constexpr off_t kDigested = 1 << 20;

std::size_t digest_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return std::hash<std::string>{}(out.str());
}

std::string line_of(const fs::path& path) {
  struct stat st{};
  if (::lstat(path.c_str(), &st) != 0) return "gone";
  std::string out = fmt::format("{:o} {}:{}", st.st_mode, st.st_uid, st.st_gid);
  if (S_ISDIR(st.st_mode)) return out;  // its time is that of the last change in it
  out += fmt::format(" {} bytes of {}.{:09}", st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  std::error_code error;
  if (S_ISLNK(st.st_mode)) out += " -> " + fs::read_symlink(path, error).string();
  if (S_ISREG(st.st_mode) && st.st_size <= kDigested) out += fmt::format(" {:x}", digest_of(path));
  return out;
}

}  // namespace

std::map<std::string, std::string> root_picture() {
  std::map<std::string, std::string> out;
  std::error_code error;
  for (const char* folder : {"/etc", "/opt", "/usr/lib/ssl", "/usr/local", "/usr/share/ca-certificates"}) {
    auto walk = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
      if (walk->path() == kLab) walk.disable_recursion_pending();
      out[walk->path().string()] = line_of(walk->path());
    }
  }
  return out;
}

std::string first_difference(const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& after) {
  for (const auto& [path, line] : before) {
    const auto now = after.find(path);
    if (now == after.end()) return path + ": gone";
    if (now->second != line) return fmt::format("{}: {}, now {}", path, line, now->second);
  }
  for (const auto& [path, line] : after)
    if (!before.contains(path)) return fmt::format("{}: new, {}", path, line);
  return "";
}

}  // namespace lab
