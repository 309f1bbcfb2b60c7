#include "cli/elf_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <future>

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

// Opening and reading is all that most files of a tree cost: two threads do it.
std::vector<std::string> elf_files_of(std::vector<std::string> all) {
  std::vector<char> is(all.size());
  std::atomic<std::size_t> next = 0;
  constexpr std::size_t kShare = 256;
  const auto work = [&] {
    for (std::size_t at = next.fetch_add(kShare); at < all.size(); at = next.fetch_add(kShare))
      for (std::size_t i = at; i < std::min(all.size(), at + kShare); ++i) is[i] = is_elf(all[i]) ? 1 : 0;
  };
  auto second = std::async(std::launch::async | std::launch::deferred, work);
  work();
  second.get();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (is[i] != 0) out.push_back(std::move(all[i]));
  return out;
}

}  // namespace

base::Result<ElfFiles> elf_files_below(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  if (error) return base::fail_errno(error.value(), "can't list", folder);
  ElfFiles out;
  std::vector<std::string> regular;
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (error) break;  // what is left can't be reached any more
    if (++out.entries > kMostEntries) {
      out.cut = true;
      break;
    }
    std::error_code ignored;
    if (at->is_symlink(ignored) || !at->is_regular_file(ignored)) continue;
    if (std::ranges::find(kArchives, at->path().extension().native()) != kArchives.end()) ++out.archives;
    regular.push_back(at->path().string());
  }
  out.paths = elf_files_of(std::move(regular));
  std::ranges::sort(out.paths);
  return out;
}

}  // namespace tlswhy::cli
