#include "facts/named_by.h"

namespace tlswhy::facts {
namespace {

// Those steer the loader and the interpreter; a store's path in them is there for something else.
bool names_no_store(const std::string& variable) { return variable.starts_with("LD_") || variable.starts_with("PYTHON") || variable == "HOME"; }

}  // namespace

// A variable that speaks of something else is not kept at all.
bool NamedBy::speaks_of_trust() const {
  if (option.empty()) return !variable.empty();
  const std::string last = word();
  if (last.contains("key") || last.contains("Key")) return false;
  return last == "--cert" || last.contains("ca") || last.contains("CA") || last.contains("trust") || last.contains("root");
}

NamedBy named_by(const Process& process, const std::string& path) {
  NamedBy out;
  if (path.empty()) return out;
  for (const auto& [name, value] : process.trust_env)
    if (value == path && !names_no_store(name)) out.variable = name;
  // The last one counts, as in option parsers.
  for (std::size_t i = 1; i < process.command.size(); ++i) {
    const std::string& word = process.command[i];
    // "-X ssl.ca.location=/x" may stand there in two words: kcat cuts it in its own command line.
    const bool setting = i > 2 && process.command[i - 1].contains('.') && process.command[i - 2].starts_with('-');
    if (i > 1 && word == path && (setting || process.command[i - 1].starts_with('-'))) out.option = process.command[i - 1];
    if (word.size() > path.size() + 1 && word.ends_with("=" + path)) out.option = word.substr(0, word.size() - path.size() - 1);
  }
  if (!out.option.empty()) out.variable.clear();  // an option comes before a variable
  return out;
}

}  // namespace tlswhy::facts
