#include "cli/elf_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "base/unique_fd.h"

namespace tlswhy::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostEntries = 1'000'000;
constexpr std::array<std::string_view, 10> kArchives{".jar", ".war", ".whl", ".zip", ".pyz", ".deb", ".rpm", ".apk", ".tar", ".tgz"};

bool is_elf(const fs::path& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::array<char, 4> head{};
  return fd.valid() && ::read(fd.get(), head.data(), head.size()) == static_cast<ssize_t>(head.size()) &&
         std::memcmp(head.data(),
                     "\x7f"
                     "ELF",
                     4) == 0;
}

}  // namespace

base::Result<ElfFiles> elf_files_below(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  if (error) return base::fail_errno(error.value(), "can't list", folder);
  ElfFiles out;
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (error) break;  // what is left can't be reached any more
    if (++out.entries > kMostEntries) {
      out.cut = true;
      break;
    }
    std::error_code ignored;
    if (at->symlink_status(ignored).type() != fs::file_type::regular) continue;
    if (is_elf(at->path())) out.paths.push_back(at->path().string());
    if (std::ranges::find(kArchives, at->path().extension().native()) != kArchives.end()) ++out.archives;
  }
  std::ranges::sort(out.paths);
  return out;
}

}  // namespace tlswhy::cli
