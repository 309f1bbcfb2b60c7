#include "fix/package_owner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "fix/tool.h"

namespace tlswhy::fix {
namespace {

constexpr std::uint64_t kMaxList = 64U << 20;

std::string text_at(const Root& root, const std::string& path) {
  const auto bytes = host::read_following(root.files(), path, kMaxList);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "";
}

std::vector<std::string> names_in(const Root& root, const std::string& folder) {
  auto names = root.files().list(folder);
  return names ? std::move(*names) : std::vector<std::string>{};
}

bool has_line(std::string_view text, std::string_view line) {
  for (std::size_t at = text.find(line); at != std::string_view::npos; at = text.find(line, at + 1)) {
    const bool begins = at == 0 || text[at - 1] == '\n';
    const std::size_t end = at + line.size();
    if (begins && (end == text.size() || text[end] == '\n')) return true;
  }
  return false;
}

// Where /lib is a link to /usr/lib, a package may name a file by either.
std::vector<std::string> names_of(const Root& root, const std::string& path) {
  std::vector<std::string> out{path};
  for (const char* merged : {"/lib", "/lib64", "/bin", "/sbin"}) {
    const std::string begin = std::string(merged) + "/";
    if (path.starts_with("/usr" + begin)) out.push_back(path.substr(4));
    if (path.starts_with(begin)) out.push_back("/usr" + path);
  }
  const host::Resolved folder = host::resolve(root.files(), base::dir_name(path), {}, false);
  if (folder.error == 0) out.push_back((folder.path == "/" ? "" : folder.path) + "/" + std::string(base::base_name(path)));
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string by_dpkg(const Root& root, std::span<const std::string> names) {
  const std::string folder = "/var/lib/dpkg/info";
  for (const std::string& list : names_in(root, folder)) {
    if (!list.ends_with(".list")) continue;
    const std::string text = text_at(root, folder + "/" + list);
    if (std::ranges::any_of(names, [&](const std::string& name) { return has_line(text, name); })) return list.substr(0, list.size() - 5) + " (dpkg)";
  }
  return "";
}

// Paragraphs of lines "P:package", "F:folder", "R:file in it".
std::string by_apk(const Root& root, std::span<const std::string> names) {
  std::string package, folder;
  for (const std::string& line : base::split(text_at(root, "/lib/apk/db/installed"), '\n')) {
    if (line.starts_with("P:")) package = line.substr(2);
    if (line.starts_with("F:")) folder = "/" + line.substr(2);
    if (line.starts_with("R:") && std::ranges::find(names, folder + "/" + line.substr(2)) != names.end()) return package + " (apk)";
  }
  return "";
}

std::string by_pacman(const Root& root, std::span<const std::string> names) {
  const std::string folder = "/var/lib/pacman/local";
  for (const std::string& package : names_in(root, folder)) {
    const std::string text = text_at(root, folder + "/" + package + "/files");
    if (std::ranges::any_of(names, [&](const std::string& name) { return has_line(text, name.substr(1)); })) return package + " (pacman)";
  }
  return "";
}

std::string by_rpm(const Root& root, const std::string& path) {
  const bool has_database = std::ranges::any_of(std::array{"/var/lib/rpm", "/usr/lib/sysimage/rpm"}, [&](const char* folder) {
    const auto names = names_in(root, folder);
    return std::ranges::any_of(names, [](const std::string& name) { return name.starts_with("rpmdb") || name.starts_with("Packages"); });
  });
  if (!has_database) return "";
  const auto asked = run_tool({"rpm", "--root", root.path(), "-qf", "--qf", "%{NAME}\n", path});
  return asked && asked->status == 0 ? asked->output.substr(0, asked->output.find('\n')) + " (rpm)" : "";
}

}  // namespace

std::string package_of(const Root& root, const std::string& path) {
  const std::vector<std::string> names = names_of(root, path);
  for (const auto& by : {by_dpkg, by_apk, by_pacman})
    if (std::string found = by(root, names); !found.empty()) return found;
  return by_rpm(root, path);
}

}  // namespace tlswhy::fix
