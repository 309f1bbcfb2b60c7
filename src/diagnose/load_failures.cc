#include "diagnose/load_failures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "loader/loader.h"
#include "observe/collector.h"

namespace tlswhy::diagnose {
namespace {

using facts::LibraryFailure;
using loader::Object;

constexpr std::size_t kMaxSearched = 40;

// "libssl.so" of "libssl.so.1.1"; "" for what has no version behind its name.
std::string stem_of(const std::string& library) {
  const std::size_t at = library.find(".so");
  return at == std::string::npos ? "" : library.substr(0, at + 3);
}

// "libssl" and "libcrypto" are of one kind: a program that has one of 1.1 and one of 3 has both kinds of TLS.
std::string kind_of(const std::string& library) {
  for (const char* name : {"libssl", "libcrypto"})
    if (library.starts_with(name)) return "OpenSSL";
  return stem_of(library);
}

// Folders that ld.so tries below each of its own, for a processor's kind (elf/dl-hwcaps.c): never what somebody wonders about.
bool is_variant(const std::string& path) {
  constexpr std::array kParts{"/glibc-hwcaps/", "/tls/", "/x86_64/", "/haswell/", "/avx512_1/"};
  return std::ranges::any_of(kParts, [&](const char* part) { return path.find(part) != std::string::npos; });
}

class Search {
 public:
  Search(const facts::Snapshot& process, const std::vector<facts::Lookup>& lookups) : process_(process), files_(*process.files) {
    for (const facts::MappedObject& one : process.objects)
      if (auto object = loader::read_object(files_, one.file.path)) mapped_.push_back(std::move(*object));
    for (const std::string& path : process.libraries)
      if (std::ranges::find(mapped_, path, &Object::path) == mapped_.end())
        if (auto object = loader::read_object(files_, path)) unmapped_.push_back(std::move(*object));
    for (const facts::Lookup& one : lookups)
      if (one.pid == process.process.pid && one.call.starts_with("open") && observe::is_tls_library(one.path)) add(one);
  }

  std::vector<LibraryFailure> run() {
    for (const std::string& name : names_)
      if (!is_mapped(name)) look_at(name);
    version_failures();
    return std::move(out_);
  }

 private:
  void add(const facts::Lookup& one) {
    const std::string name(base::base_name(one.path));
    // Modules of a runtime or of OpenSSL are no libraries that ld.so looks for.
    if (!name.starts_with("lib")) return;
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
    lookups_.push_back(&one);
  }

  [[nodiscard]] bool is_mapped(const std::string& name) const {
    return std::ranges::any_of(mapped_, [&](const Object& one) { return one.soname == name || base::base_name(one.path) == name; });
  }
  [[nodiscard]] bool kind_is_mapped(const std::string& name) const {
    return std::ranges::any_of(names_, [&](const std::string& other) { return kind_of(other) == kind_of(name) && is_mapped(other); });
  }

  // The object that asks for it, the program or a module of it that could not be loaded.
  [[nodiscard]] std::string requester_of(const std::string& name) const {
    for (const auto* all : {&mapped_, &unmapped_})
      for (const Object& one : *all)
        if (std::ranges::find(one.needed, name) != one.needed.end()) return one.path;
    return "";
  }

  [[nodiscard]] LibraryFailure failure(const std::string& name, std::string why) const {
    LibraryFailure out;
    out.pid = process_.process.pid;
    out.library = name;
    out.wanted_by = base::printable(requester_of(name));
    out.why = std::move(why);
    for (const facts::Lookup* one : lookups_)
      if (base::base_name(one->path) == name && !is_variant(one->path) && out.searched.size() < kMaxSearched &&
          std::ranges::find(out.searched, one->path) == out.searched.end())
        out.searched.push_back(one->path);
    return out;
  }

  void look_at(const std::string& name) {
    const facts::Lookup *found = nullptr, *denied = nullptr;
    bool other_error = false;
    for (const facts::Lookup* one : lookups_) {
      if (base::base_name(one->path) != name) continue;
      if (one->error.empty() && found == nullptr) found = one;
      if ((one->error == "EACCES" || one->error == "EPERM") && denied == nullptr) denied = one;
      other_error = other_error || (!one->error.empty() && one->error != "ENOENT" && one->error != "ENOTDIR");
    }
    if (found != nullptr) return unfit(name, found->path);
    if (denied != nullptr) {
      out_.push_back(failure(name, "denied"));
      out_.back().found = denied->path;
      out_.back().detail = fmt::format("opening it gave {}", denied->error);
    } else if (!other_error && !(requester_of(name).empty() && kind_is_mapped(name))) {
      out_.push_back(failure(name, "missing"));
      out_.back().detail = instead_of(name);
    }
  }

  // It was opened, and is not mapped.
  void unfit(const std::string& name, const std::string& path) {
    LibraryFailure one = failure(name, "");
    one.found = path;
    switch (loader::unfit(files_, process_.process.exe, path)) {
      case loader::Unfit::kNoElf: one.why = "unreadable", one.detail = "it is not an ELF file"; break;
      case loader::Unfit::kMachine: one.why = "machine", one.detail = "it is for another processor or word size than the program"; break;
      default: return;
    }
    out_.push_back(std::move(one));
  }

  // Other versions of it where it was looked for.
  [[nodiscard]] std::string instead_of(const std::string& name) const {
    const std::string stem = stem_of(name);
    std::string out;
    std::set<std::string> seen;
    for (const facts::Lookup* one : lookups_) {
      const std::string directory = base::dir_name(one->path);
      if (base::base_name(one->path) != name || stem.empty() || !seen.insert(directory).second) continue;
      const auto names = files_.list(host::resolve(files_, directory).path);
      for (const std::string& other : names ? *names : std::vector<std::string>{})
        if (other.starts_with(stem + ".") && seen.insert(other).second)
          out += fmt::format("{}{}/{}", out.empty() ? "" : ", ", directory, base::printable(other));
    }
    return out.empty() ? "" : "other versions are there: " + out;
  }

  // Symbol versions that what is there lacks: among what is mapped, and below each TLS module that is not.
  void version_failures() {
    add_lacks(mapped_);
    for (const Object& one : unmapped_) {
      const bool concerned =
          observe::is_tls_library(one.path) || std::ranges::any_of(one.needed, [](const auto& name) { return observe::is_tls_library(name); });
      if (concerned && base::base_name(one.path).find(".so") != std::string_view::npos)
        add_lacks(loader::closure(files_, one.path, process_.process.trust_env));
    }
  }

  void add_lacks(const std::vector<Object>& objects) {
    for (const loader::VersionLack& lack : loader::version_lacks(objects)) {
      const bool asks = observe::is_tls_library(lack.wanted_by), asked = observe::is_tls_library(lack.library);
      if (!asks && !asked) continue;
      const std::string library(base::base_name(asked ? lack.library : lack.wanted_by));
      if (std::ranges::find(out_, library, &LibraryFailure::library) != out_.end()) continue;
      LibraryFailure one = failure(library, "version");
      one.wanted_by = base::printable(asked ? lack.wanted_by : requester_of(library));
      one.found = asked ? lack.library : lack.wanted_by;
      one.detail = fmt::format("{} needs {}, which is not in {}", base::printable(lack.wanted_by), base::printable(lack.version),
                               base::printable(lack.library));
      out_.push_back(std::move(one));
    }
  }

  const facts::Snapshot& process_;
  const host::Files& files_;
  std::vector<Object> mapped_, unmapped_;
  std::vector<std::string> names_;  // that were looked for, in order
  std::vector<const facts::Lookup*> lookups_;
  std::vector<LibraryFailure> out_;
};

}  // namespace

std::vector<LibraryFailure> load_failures(const facts::Snapshot& process, const std::vector<facts::Lookup>& lookups) {
  return process.files ? Search(process, lookups).run() : std::vector<LibraryFailure>{};
}

}  // namespace tlswhy::diagnose
