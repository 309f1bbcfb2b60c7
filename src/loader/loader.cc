#include "loader/loader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "elf/image.h"

namespace tlswhy::loader {

using base::Result;

namespace {

constexpr std::size_t kMaxObjects = 512;

// The built-in directories of glibc, Debian's multiarch ones first (elf/dl-load.c, "system search dirs").
constexpr std::array kDefaultDirectories{"/lib/x86_64-linux-gnu",
                                         "/usr/lib/x86_64-linux-gnu",
                                         "/lib/aarch64-linux-gnu",
                                         "/usr/lib/aarch64-linux-gnu",
                                         "/lib64",
                                         "/usr/lib64",
                                         "/lib",
                                         "/usr/lib"};

// Of musl, where no /etc/ld-musl-*.path says otherwise (ldso/dynlink.c).
constexpr std::array kMuslDirectories{"/lib", "/usr/local/lib", "/usr/lib"};

std::string replace_all(std::string text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::string expand(const std::string& entry, const Object& of) {
  const std::string origin = base::dir_name(of.path);
  return replace_all(replace_all(entry, "${ORIGIN}", origin), "$ORIGIN", origin);
}

void add_list(std::vector<SearchStep>& out, const std::string& list, const Object& of, const std::string& label) {
  if (list.empty()) return;
  for (const std::string& entry : base::split(list, ':'))
    out.push_back({entry.empty() ? "." : expand(entry, of), entry == expand(entry, of) ? label : label + " " + entry});
}

std::string name_of(const Object& object) { return std::string(base::base_name(object.path)); }

}  // namespace

Result<Object> read_object(const host::Files& files, const std::string& path) {
  TRY(fd, host::open_following(files, path));
  TRY(image, elf::Image::read(std::move(fd)));
  const elf::ElfFile& file = image.file();
  return Object{path, file.soname(), file.needed(), file.rpath(), file.runpath(), file.version_needs(), file.version_definitions()};
}

std::vector<SearchStep> search_path(const Object& main, const Object& requester, const std::map<std::string, std::string>& env, bool at_secure) {
  std::vector<SearchStep> out;
  if (requester.runpath.empty()) {  // DT_RPATH counts only where there is no DT_RUNPATH
    add_list(out, requester.rpath, requester, "RPATH of " + name_of(requester));
    if (main.path != requester.path && main.runpath.empty()) add_list(out, main.rpath, main, "RPATH of " + name_of(main));
  }
  const auto variable = env.find("LD_LIBRARY_PATH");
  if (variable != env.end() && !at_secure)
    for (const std::string& entry : base::split(variable->second, ':')) out.push_back({entry.empty() ? "." : entry, "LD_LIBRARY_PATH"});
  add_list(out, requester.runpath, requester, "RUNPATH of " + name_of(requester));
  return out;
}

std::map<std::string, std::string> read_cache(const host::Files& files) {
  constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";  // sysdeps/generic/dl-cache.h
  constexpr std::uint64_t kHeader = 48, kEntry = 24;
  std::map<std::string, std::string> out;
  const auto bytes = host::read_following(files, "/etc/ld.so.cache", 64U << 20);
  if (!bytes || bytes->size() < kHeader || !std::equal(kMagic.begin(), kMagic.end(), bytes->begin())) return out;
  bytes::Cursor cursor(*bytes, "ld.so.cache");
  (void)cursor.take(kMagic.size());
  const auto count = cursor.u32_le();
  if (!count || !cursor.seek(kHeader)) return out;
  for (std::uint32_t i = 0; i < *count && cursor.remaining() >= kEntry; ++i) {
    const auto flags = cursor.u32_le();
    const auto key = cursor.u32_le();
    const auto value = cursor.u32_le();
    (void)cursor.take(12);
    const auto soname = bytes::c_string(*bytes, *key, "ld.so.cache");
    const auto path = bytes::c_string(*bytes, *value, "ld.so.cache");
    // 0x0300: x86-64, 0x0a00: AArch64 (FLAG_X8664_LIB64, FLAG_AARCH64_LIB64); others are foreign here.
    const bool wanted = flags && ((*flags & 0xff00U) == 0x0300U || (*flags & 0xff00U) == 0x0a00U);
    if (wanted && soname && path) out.try_emplace(*soname, *path);
  }
  return out;
}

namespace {

bool same_file(const host::Files& files, const std::string& one, const std::string& other) {
  const host::Resolved a = host::resolve(files, one), b = host::resolve(files, other);
  return a.error == 0 && b.error == 0 && a.path == b.path;
}

// The rule by which `requester` got the file at `path` under the name `soname`.
std::string rule_for(const host::Files& files, const Object& main, const Object& requester, const std::string& soname, const std::string& path,
                     const std::map<std::string, std::string>& env, bool at_secure) {
  for (const SearchStep& step : search_path(main, requester, env, at_secure))
    if (same_file(files, step.directory + "/" + soname, path)) return fmt::format("{} ({})", step.reason, step.directory);
  const auto cache = read_cache(files);
  const auto cached = cache.find(soname);
  if (cached != cache.end() && same_file(files, cached->second, path)) return "the loader's cache (/etc/ld.so.cache)";
  for (const char* directory : kDefaultDirectories)
    if (same_file(files, fmt::format("{}/{}", directory, soname), path)) return fmt::format("the default directory {}", directory);
  return "";
}

}  // namespace

std::string explain(const host::Files& files, const std::vector<Object>& objects, const std::string& path,
                    const std::map<std::string, std::string>& env, bool at_secure) {
  const auto self = std::ranges::find(objects, path, &Object::path);
  const std::string soname = self != objects.end() && !self->soname.empty() ? self->soname : std::string(base::base_name(path));
  if (!objects.empty() && objects.front().path == path) return "it is the program itself";
  for (const Object& requester : objects) {
    if (std::ranges::find(requester.needed, soname) == requester.needed.end()) continue;
    const std::string rule = rule_for(files, objects.front(), requester, soname, path, env, at_secure);
    if (rule.empty()) continue;
    return fmt::format("{} needs {}, found through {}", name_of(requester), soname, rule);
  }
  const auto preload = env.find("LD_PRELOAD");
  if (preload != env.end() && preload->second.find(base::base_name(path)) != std::string::npos) return "LD_PRELOAD names it";
  return "no mapped object asks for " + soname + ": the program opened it itself (dlopen)";
}

std::vector<VersionLack> version_lacks(const std::vector<Object>& objects) {
  std::vector<VersionLack> out;
  for (const Object& one : objects)
    for (const elf::VersionNeed& need : one.version_needs) {
      const auto there = std::ranges::find_if(objects, [&](const Object& other) { return other.soname == need.file; });
      // A library without versions is taken as it is.
      if (there == objects.end() || there->versions.empty()) continue;
      for (const std::string& version : need.versions)
        if (std::ranges::find(there->versions, version) == there->versions.end()) out.push_back({one.path, there->path, version});
    }
  return out;
}

namespace {

constexpr std::size_t kHead = 20;  // of an ELF file: e_ident, e_type, e_machine (gABI, chapter 4)

// Class and machine; nothing for what is no ELF file.
std::optional<std::pair<std::uint8_t, std::uint16_t>> head_of(const host::Files& files, const std::string& path) {
  const auto fd = host::open_following(files, path);
  std::array<std::uint8_t, kHead> head{};
  if (!fd || ::pread(fd->get(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) return std::nullopt;
  bytes::Cursor cursor(head, "elf");
  const auto magic = cursor.u32_le();
  const auto kind = cursor.u8();
  constexpr std::uint32_t kMagic = 0x464c457f;
  if (!magic || *magic != kMagic || !kind || !cursor.seek(kHead - 2)) return std::nullopt;
  return std::pair(*kind, cursor.u16_le().value_or(0));
}

}  // namespace

Unfit unfit(const host::Files& files, const std::string& program, const std::string& path) {
  const auto own = head_of(files, program), other = head_of(files, path);
  if (!other) return host::open_following(files, path) ? Unfit::kNoElf : Unfit::kDenied;
  return own && own != other ? Unfit::kMachine : Unfit::kNot;
}

namespace {

std::string locate(const host::Files& files, const Object& main, const Object& requester, const std::string& soname,
                   const std::map<std::string, std::string>& env, const std::map<std::string, std::string>& cache) {
  if (soname.find('/') != std::string::npos) return soname;
  for (const SearchStep& step : search_path(main, requester, env, false)) {
    const std::string path = step.directory + "/" + soname;
    if (host::resolve(files, path).error == 0) return path;
  }
  if (const auto cached = cache.find(soname); cached != cache.end()) return cached->second;
  for (const char* directory : kDefaultDirectories) {
    const std::string path = fmt::format("{}/{}", directory, soname);
    if (host::resolve(files, path).error == 0) return path;
  }
  return "";
}

}  // namespace

std::string find_library(const host::Files& files, const Object& main, const Object& requester, const std::string& soname) {
  return locate(files, main, requester, soname, {}, read_cache(files));
}

std::vector<Object> closure(const host::Files& files, const std::string& program, const std::map<std::string, std::string>& env) {
  return Loader(files, env).load(program).objects;
}

Loader::Loader(const host::Files& files, std::map<std::string, std::string> env) : files_(files), env_(std::move(env)), cache_(read_cache(files)) {}

const Object* Loader::object(const std::string& path) {
  auto known = objects_.find(path);
  if (known == objects_.end()) {
    auto read = read_object(files_, path);
    known = objects_.emplace(path, read ? std::optional(std::move(*read)) : std::nullopt).first;
  }
  return known->second ? &*known->second : nullptr;
}

// A file that is of another machine or none of ELF's is passed over, as ld.so does.
Loader::Found Loader::find(const Object& main, const Object& requester, const std::string& soname, bool musl) {
  Found out;
  out.missing = {soname, requester.path, {}, ""};
  const auto look = [&](const std::string& path) {
    out.object = object(path);
    if (out.object == nullptr && out.missing.found.empty() && host::resolve(files_, path).error == 0) out.missing.found = path;
    return out.object != nullptr;
  };
  if (soname.contains('/')) return look(expand(soname, requester)), out;
  for (const SearchStep& step : search_path(main, requester, env_, false)) {
    if (look(step.directory + "/" + soname)) return out;
    out.missing.searched.push_back(step.directory);
  }
  if (const auto cached = cache_.find(soname); cached != cache_.end() && look(cached->second)) return out;
  if (!cache_.empty()) out.missing.searched.emplace_back("/etc/ld.so.cache");
  for (const char* directory : musl ? std::span<const char* const>(kMuslDirectories) : std::span<const char* const>(kDefaultDirectories)) {
    if (look(fmt::format("{}/{}", directory, soname))) return out;
    out.missing.searched.emplace_back(directory);
  }
  return out;
}

Loading Loader::load(const std::string& program) {
  Loading out;
  const Object* first = object(program);
  if (first == nullptr) return out;
  out.objects.push_back(*first);
  out.asked_by.push_back(0);
  bool musl = false;
  for (std::size_t at = 0; at < out.objects.size() && out.objects.size() < kMaxObjects; ++at) {
    const std::vector<std::string> needed = out.objects[at].needed;
    musl = musl || std::ranges::any_of(needed, [](const std::string& one) { return one.starts_with("libc.musl-") || one == "libc.so"; });
    for (const std::string& soname : needed) {
      if (std::ranges::any_of(out.objects, [&](const Object& one) { return one.soname == soname || one.path == soname; })) continue;
      Found found = find(out.objects.front(), out.objects[at], soname, musl);
      const bool again = std::ranges::any_of(out.missing, [&](const auto& one) { return one.library == soname; });
      if (found.object != nullptr && out.objects.size() < kMaxObjects) {
        out.objects.push_back(*found.object);
        out.asked_by.push_back(at);
      } else if (!again) {
        out.missing.push_back(std::move(found.missing));
      }
    }
  }
  return out;
}

}  // namespace tlswhy::loader
