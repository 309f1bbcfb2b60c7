#pragma once
// openssl.cnf as OpenSSL reads it (config(5), crypto/conf/conf_def.c), over files that may be hostile: every include is counted, no depth is
// without a bound.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/files.h"

namespace tlswhy::store {

struct ConfigLine {
  std::string file;
  std::uint32_t line = 0;  // from 1
  std::string section;     // "default" before the first
  std::string name, value;
};

// What the library can't follow.
struct ConfigTrouble {
  std::string file;
  std::uint32_t line = 0;
  std::string text;    // what stands there
  std::string what;    // "no equal sign"
  bool fatal = false;  // the library gives up reading; otherwise it passes over it
};

struct OpenSslConfig {
  std::vector<ConfigLine> lines;
  std::vector<ConfigTrouble> troubles;

  // The last line of that name in the section, which counts; null: none.
  [[nodiscard]] const ConfigLine* find(std::string_view section, std::string_view name) const;
  // The lines of a section, of equal names the last.
  [[nodiscard]] std::vector<const ConfigLine*> section(std::string_view name) const;
  [[nodiscard]] bool has_section(std::string_view name) const;

  std::vector<std::string> sections;  // those that there are
};

// Reads `path` and what it includes, as `who` with the environment `env`. A file that can't be opened is a trouble.
OpenSslConfig read_openssl_config(const host::Files& files, const std::string& path, const host::Credentials& who,
                                  const std::map<std::string, std::string>& env);

}  // namespace tlswhy::store
