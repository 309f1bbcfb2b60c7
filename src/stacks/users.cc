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

bool is_here(const Program& program, const host::Files& files) {
  const std::string path(program.path);
  if (host::resolve(files, path, {}, false).error != 0) return false;
  if (program.needs.empty()) return true;
  return std::ranges::any_of(loader::closure(files, path, {}),
                             [&](const loader::Object& one) { return base::base_name(one.path).starts_with(program.needs); });
}

}  // namespace

std::vector<User> users_of_stores(const host::Files& files, store::KnownCertificates& known) {
  std::vector<User> out;
  Spec spec;
  spec.take_places(files);
  const host::Viewpoint as{files};
  for (const Program& program : kPrograms) {
    if (!is_here(program, files)) continue;
    spec.name = program.model;
    Trust trust = trust_of(spec, as, &known);
    User& user = out.emplace_back(std::string(program.name), std::vector<std::string>{}, std::move(trust.anchors));
    for (const facts::Source& source : trust.sources)
      if (source.status == "ok" && !source.path.empty()) user.stores.push_back(host::resolve(files, source.path, {}, false).path);
  }
  return out;
}

}  // namespace tlswhy::stacks
