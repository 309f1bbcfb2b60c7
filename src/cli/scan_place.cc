#include "cli/scan_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "archive/content.h"
#include "archive/joined_files.h"
#include "archive/pyinstaller.h"
#include "base/text.h"
#include "cli/elf_files.h"
#include "elf/head.h"
#include "host/self.h"

namespace tlswhy::cli {

using base::Result;

std::string ScanPlace::shown(const std::string& path) const {
  if (path == inside) return given;
  if (own != nullptr && inside == "/" && !own->lstat(path)) return path;
  const std::string folder = inside == "/" || inside.empty() ? "" : inside;
  if (!path.starts_with(folder + "/")) return path;
  return (given == "/" ? "" : given) + path.substr(folder.size());
}

namespace {

namespace fs = std::filesystem;

// `path` as seen from `root`; "" if it is not below it. Both without links.
std::string path_below(const std::string& path, const std::string& root) {
  if (root == "/") return path;
  if (path == root) return "/";
  return path.starts_with(root + "/") ? path.substr(root.size()) : "";
}

// An unpacked system in a folder is judged by itself.
bool is_root(const std::string& folder) {
  std::error_code ignored;
  const auto has = [&](const char* name) { return fs::exists(fs::symlink_status(folder + name, ignored)); };
  return has("/usr") && has("/etc") && (has("/etc/os-release") || has("/usr/lib/os-release") || has("/etc/passwd"));
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Result<ScanPlace> place_on_disk(const std::string& path, const std::string& real, bool folder, const ScanRequest& request) {
  ScanPlace out;
  std::string root = host::real_path(request.root);
  if (folder && request.root == "/" && real != "/" && is_root(real)) {
    root = real;
    out.notes.push_back(fmt::format("{} is a root of its own: its programs are judged by what is there", base::printable(path)));
  }
  TRY(files, host::RealFiles::open(root));
  out.parts.push_back(std::move(files));
  out.given = without_slash(path);
  out.inside = path_below(real, root);
  out.environment = request.environment;
  out.many = folder;
  out.outside = out.inside.empty();
  if (out.outside) {
    out.inside = real;
    out.notes.push_back(fmt::format("{} is not below the root {}: which libraries it would load there was not looked at", base::printable(path),
                                    base::printable(request.root)));
  }
  if (!folder) {
    out.paths.push_back(out.inside);
    return out;
  }
  TRY(found, elf_files_below(real));
  for (const std::string& one : found.paths) out.paths.push_back(out.outside ? one : path_below(one, root));
  out.entries = found.entries;
  if (found.cut) out.notes.push_back(fmt::format("what else is below {}: over {} entries", base::printable(path), found.entries - 1));
  if (found.archives > 0)
    out.notes.push_back(fmt::format("{} archives below {}: name them to have them looked into", found.archives, base::printable(path)));
  return out;
}

// The ELF files of a tree, sorted.
std::vector<std::string> elf_files_of(const archive::Tree& tree, const std::string& at) {
  std::vector<std::string> out;
  for (const auto& [path, node] : tree.nodes())
    if (node.content && elf::read_head(*node.content)) out.push_back(at + path);
  return out;
}

std::map<std::string, std::string> variables(const std::vector<std::string>& lines) {
  std::map<std::string, std::string> out;
  for (const std::string& line : lines)
    if (const std::size_t at = line.find('='); at != std::string::npos && at > 0) out[line.substr(0, at)] = line.substr(at + 1);
  return out;
}

// The fields of the line for this name in passwd(5).
std::vector<std::string> passwd_line(const host::Files& files, const std::string& name) {
  const auto text = host::read_following(files, "/etc/passwd", 1U << 20);
  if (!text) return {};
  for (const std::string& line : base::split(std::string(text->begin(), text->end()), '\n'))
    if (auto fields = base::split(line, ':'); fields.size() > 3 && fields[0] == name) return fields;
  return {};
}

std::optional<std::uint32_t> number(const std::string& text) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(out) : std::nullopt;
}

// "name", "name:group", "1000", "1000:1000"; root for "" and for a name that is not known there, which is noted.
host::Credentials credentials(const std::string& user, const host::Files& files, std::vector<std::string>& notes) {
  if (user.empty()) return {};
  const auto parts = base::split(user, ':');
  const auto line = passwd_line(files, parts[0]);
  const auto uid = number(line.empty() ? parts[0] : line[2]);
  const auto gid = number(line.empty() ? (parts.size() > 1 ? parts[1] : parts[0]) : line[3]);
  if (!uid) notes.push_back(fmt::format("the user {} of the image is not in its /etc/passwd: its rights are not known", base::printable(user, 100)));
  if (!uid || *uid == 0) return {};
  return {*uid, gid.value_or(*uid), {}, false};
}

Result<ScanPlace> place_in_archive(const std::string& path, archive::Part part, const ScanRequest& request) {
  ScanPlace out;
  out.container = part.name.empty() ? path : fmt::format("{}[{}]", path, part.name);
  out.given = out.container + "!";
  const archive::Tree& tree = *part.tree;
  const std::string at = part.form == archive::Form::kFolder ? "/" + std::string(base::base_name(without_slash(path))) + "!" : "";
  out.inside = at.empty() ? "/" : at;
  out.paths = elf_files_of(tree, at);
  out.entries = tree.nodes().size();
  out.environment = variables(part.environment);
  for (const auto& [name, value] : request.environment) out.environment[name] = value;
  out.own = part.tree.get();
  out.whole = part.form == archive::Form::kRoot;
  if (out.whole) {
    out.who = credentials(part.user, tree, out.notes);
    out.parts.push_back(std::move(part.tree));
    return out;
  }
  TRY(below, host::RealFiles::open(request.root));
  auto whole = std::make_unique<archive::JoinedFiles>(*below, tree, at);
  out.parts.push_back(std::move(below));
  out.parts.push_back(std::move(part.tree));
  out.parts.push_back(std::move(whole));
  return out;
}

Result<std::vector<ScanPlace>> places_in(const std::string& path, Result<archive::Content> content, const ScanRequest& request) {
  if (!content) return std::unexpected(content.error());
  std::vector<ScanPlace> out;
  for (archive::Part& part : content->parts) {
    TRY(place, place_in_archive(path, std::move(part), request));
    out.push_back(std::move(place));
  }
  if (!out.empty())
    for (const std::string& note : content->notes) out.front().notes.push_back(fmt::format("{}: {}", base::printable(path), note));
  return out;
}

// A PyInstaller program unpacks its libraries into a folder that it names to ld.so (bootloader/src/pyi_utils_posix.c).
void add_unpacked(const std::string& path, int fd, const ScanRequest& request, std::vector<ScanPlace>& out) {
  auto content = archive::read_pyinstaller(fd);
  if (!content) out.front().notes.push_back(fmt::format("{}: its PyInstaller archive: {}", base::printable(path), content.error().text()));
  if (!content || !*content) return;
  auto places = places_in(path, std::move(**content), request);
  if (!places) return;
  for (ScanPlace& place : *places) {
    place.environment["LD_LIBRARY_PATH"] = place.inside;
    if (const std::string bundle = place.inside + "/certifi/cacert.pem"; host::resolve(place.files(), bundle).error == 0)
      place.notes.push_back(fmt::format("{} carries a bundle of certifi's: {}", base::printable(path), base::printable(place.shown(bundle))));
    out.push_back(std::move(place));
  }
}

// Squashfs behind a small program: named, and not looked into.
bool is_app_image(std::span<const std::uint8_t> head) {
  return head.size() > 10 && head[8] == 'A' && head[9] == 'I' && (head[10] == 1 || head[10] == 2);  // AppImage specification, "type 2"
}

Result<std::vector<ScanPlace>> one(Result<ScanPlace> place) {
  if (!place) return std::unexpected(place.error());
  std::vector<ScanPlace> out;
  out.push_back(std::move(*place));
  return out;
}

}  // namespace

Result<std::vector<ScanPlace>> places_of(const std::string& path, const ScanRequest& request) {
  const std::string real = host::real_path(path);
  base::UniqueFd fd(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return base::fail_errno(errno, "can't open", path);
  struct stat st{};
  if (::fstat(fd.get(), &st) != 0) return base::fail_errno(errno, "can't stat", path);
  if (S_ISDIR(st.st_mode)) {
    TRY(folder, host::RealFiles::open(real));
    if (archive::is_layout(*folder)) return places_in(path, archive::read_layout(*folder), request);
    return one(place_on_disk(path, real, true, request));
  }
  if (!S_ISREG(st.st_mode)) return base::fail(base::Code::kUnsupported, "not a regular file", path);
  std::array<std::uint8_t, 20> head{};
  const ssize_t got = ::pread(fd.get(), head.data(), head.size(), 0);
  if (got == static_cast<ssize_t>(head.size()) && elf::read_head(head)) {
    TRY(places, one(place_on_disk(path, real, false, request)));
    if (is_app_image(head))
      places.front().notes.push_back(
          fmt::format("{} is an AppImage: what is in its file system was not looked at (--appimage-extract unpacks it)", base::printable(path)));
    add_unpacked(path, fd.get(), request, places);
    return places;
  }
  auto content = archive::read_archive(std::move(fd));
  if (!content) return base::fail(base::Code::kUnsupported, "not an ELF file, and " + content.error().message, path);
  return places_in(path, std::move(content), request);
}

}  // namespace tlswhy::cli
