#include "host/self.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "host/proc_files.h"
#include "host/proc_text.h"

namespace tlswhy::host {

Credentials our_credentials() {
  const auto text = read_proc(::getpid(), "status");
  return text ? parse_status(*text).who : Credentials{};
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), std::free);
  return resolved ? resolved.get() : path;
}

}  // namespace tlswhy::host
