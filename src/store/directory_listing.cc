#include "store/directory_listing.h"

#include <algorithm>

#include "base/text.h"

namespace tlswhy::store {
namespace {

constexpr std::size_t kMaxFiles = 10'000;
constexpr std::uint64_t kMaxContents = 16U << 20;

bool without_gap(const std::vector<std::string>& names, const std::string& name) {
  const std::string number = name.substr(9);
  if (number.size() > 4) return false;
  const int n = std::stoi(number);
  return n == 0 || std::ranges::binary_search(names, name.substr(0, 9) + std::to_string(n - 1));
}

}  // namespace

DirectoryListing list_directory(const host::Files& files, const std::string& path, const host::Credentials& who) {
  DirectoryListing out;
  const auto names = files.list(path);
  if (!names) return out.error = names.error(), out;
  std::uint64_t kept = 0;
  std::size_t taken = 0;
  for (const std::string& name : *names) {
    if (++taken > kMaxFiles) break;
    const bool hashed = base::is_hash_name(name);
    if (!hashed && !name.ends_with(".pem") && !name.ends_with(".crt") && !name.ends_with(".cer")) continue;
    host::Resolved end = host::resolve(files, path + "/" + name, who);
    // Once for each of the two names that a certificate has: its own and that
    // by which it is asked for.
    if (end.error == 0 && kept < kMaxContents && !out.contents.contains(end.path))
      if (auto bytes = files.read(end.path, kMaxHashedFile)) kept += bytes->size(), out.contents.emplace(end.path, std::move(*bytes));
    out.entries.push_back({name, hashed, hashed && without_gap(*names, name), std::move(end)});
  }
  return out;
}

}  // namespace tlswhy::store
