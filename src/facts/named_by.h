#pragma once
// What names a store to a process.

#include <string>

#include "facts/facts.h"

namespace tlswhy::facts {

// A variable of its environment, or an option of its command line as it is written before the path: "--cacert", "ssl.ca.location",
// "OPENSSL:host:443,cafile". Both "" for neither: the program itself, or a file of its own, names it.
struct NamedBy {
  std::string variable, option;
  [[nodiscard]] bool somebody() const { return !variable.empty() || !option.empty(); }
  // By what it is called it names certificates, and not a key.
  [[nodiscard]] bool speaks_of_trust() const;
  // The option without what stands before it in one word: "cafile".
  [[nodiscard]] std::string word() const { return option.substr(option.rfind(',') + 1); }
};
NamedBy named_by(const Process& process, const std::string& path);

}  // namespace tlswhy::facts
