#include "stacks/users.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "loader/loader.h"

namespace tlswhy::stacks {
namespace {

struct Program {
  std::string_view path, name;
  std::string_view needs;  // the library that decides which model it is, "" for any
  std::string_view model;
};

constexpr std::array kPrograms{
    Program{"/usr/bin/curl", "curl", "libcurl.so", "curl"},
    Program{"/usr/lib/git-core/git-remote-http", "git", "libcurl-gnutls.so", "git"},
    Program{"/usr/bin/wget", "wget", "libgnutls.so", "wget"},
    Program{"/usr/bin/openssl", "openssl", "libcrypto.so", "openssl"},
    Program{"/usr/bin/python3", "python3", "", "python"},
    Program{"/usr/bin/perl", "perl (IO::Socket::SSL)", "", "perl"},
    Program{"/usr/bin/ruby", "ruby", "", "ruby"},
    Program{"/usr/bin/php", "php", "", "php"},
    Program{"/usr/bin/gnutls-cli", "gnutls-cli", "libgnutls.so", "gnutls"},
};

bool is_here(const Program& program, const Eyes& eyes) {
  const std::string path(program.path);
  if (host::resolve(eyes.files, path, eyes.who, false).error != 0) return false;
  if (program.needs.empty()) return true;
  return std::ranges::any_of(loader::closure(eyes.files, path, {}),
                             [&](const loader::Object& one) { return base::base_name(one.path).starts_with(program.needs); });
}

}  // namespace

std::map<std::string, std::vector<std::string>> users_of_stores(const Eyes& eyes, const Spec& defaults) {
  std::map<std::string, std::vector<std::string>> out;
  for (const Program& program : kPrograms) {
    if (!is_here(program, eyes)) continue;
    Spec spec = defaults;
    spec.name = program.model;
    for (const facts::Source& source : find_model(program.model)->trust(spec, eyes).sources) {
      if (source.status != "ok" || source.path.empty()) continue;
      auto& users = out[host::resolve(eyes.files, source.path, eyes.who, false).path];
      if (std::ranges::find(users, program.name) == users.end()) users.emplace_back(program.name);
    }
  }
  return out;
}

}  // namespace tlswhy::stacks
