#include "cli/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "host/proc_files.h"
#include "host/proc_text.h"

namespace tlswhy::cli {
namespace {

Environment our_environment() {
  const auto text = host::read_proc(::getpid(), "environ");
  return text ? host::parse_environ(*text) : Environment{};
}

}  // namespace

base::Result<Environment> parse_environment(std::string_view text, const std::string& path) {
  if (text.find('\0') != std::string_view::npos) return host::parse_environ(text);
  Environment out;
  int number = 0;
  for (std::string line : base::split(std::string(text), '\n')) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    const std::size_t equals = line.find('=');
    if (line.empty() || line.starts_with('#')) continue;
    if (equals == std::string::npos || equals == 0) return base::fail(base::Code::kMalformed, fmt::format("line {} is not NAME=VALUE", number), path);
    out[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return out;
}

base::Result<Environment> environment_of(bool ours, const std::string& file) {
  Environment out = ours ? our_environment() : Environment{};
  if (file.empty()) return out;
  TRY(text, host::read_to_end(file));
  TRY(named, parse_environment(text, file));
  named.merge(out);
  return named;
}

}  // namespace tlswhy::cli
