#pragma once
// Who looks, from where, with what: all of a process that decides what a TLS stack in it would find. Its files may be the machine's, another
// root's, or an overlay of what would be different; nothing else is asked, so that a change can be tried without making it.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "host/files.h"

namespace tlswhy::host {

struct Viewpoint {
  const Files& files;  // must outlive it
  Credentials who = {};
  std::map<std::string, std::string> env = {};  // those that steer trust, at least
  bool at_secure = false;                       // getauxval(3): more rights than the caller has
  std::vector<std::string> argv = {};           // options that steer trust
  std::int64_t time = 0;                        // seconds since 1970; 0: now

  [[nodiscard]] const std::string* variable(const std::string& name) const;       // null: not set
  [[nodiscard]] const std::string* variable_text(const std::string& name) const;  // null: not set, or set to ""
  // The first of these that is set to something, and its name in `variable`; null: none is.
  const std::string* first_of(std::initializer_list<const char*> names, std::string& variable) const;
  // HOME, or the user's directory in /etc/passwd; "" without either.
  [[nodiscard]] std::string home() const;
  // The same without any variable.
  [[nodiscard]] Viewpoint without_environment() const;
};

}  // namespace tlswhy::host
