#pragma once
// A subcommand's options and operands, read by CLI11. Its header is kept out of other files, as it makes its validators before
// main() in each that includes it: with fourteen files that was a tenth of every start.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tlswhy::cli {

// Takes the words after the first "--" out of `arguments`, with the "--": a command whose options are its own.
std::vector<std::string> take_command(std::vector<std::string>& arguments);

class Arguments {
 public:
  // An option or operand that was added. What its functions ask for is told by a usage error where it is not so.
  class Argument {
   public:
    Argument(CLI::Option* option, std::map<const CLI::Option*, std::string>& more) : option_(option), more_(&more) {}
    Argument& type(const std::string& name);  // what its value is called in the help
    Argument& more(std::string_view text);    // sentences for the manual page, after the help
    Argument& required();
    Argument& needs(const Argument& other);
    Argument& one_of(const std::vector<std::string>& values);
    Argument& existing_file();
    Argument& may_stand_alone();  // its value may be left out, and is "" then; given() tells
    [[nodiscard]] bool given() const;
    Argument& one_each();  // of many: one value each time that it is given
    Argument& between(unsigned least, unsigned most);
    Argument& at_least(int least);

   private:
    CLI::Option* option_;
    std::map<const CLI::Option*, std::string>* more_;
  };

  // `does`: the help's first line. `name`: "tlswhy scan".
  Arguments(const std::string& does, const std::string& name);
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments();

  // `name`: "--root", or "FILE" for an operand. `into` is set by parse() and must live until then.
  Argument flag(const std::string& name, bool& into, const std::string& help);
  Argument add(const std::string& name, std::string& into, const std::string& help);
  Argument add(const std::string& name, std::vector<std::string>& into, const std::string& help);
  Argument add(const std::string& name, int& into, const std::string& help);
  Argument add(const std::string& name, unsigned& into, const std::string& help);
  // One for each form of a report (--json, --plain), and --color.
  void common(Options& options);
  // A command below this one, of which exactly one has to be given; given(): it was.
  Arguments& command(const std::string& name, const std::string& does);
  [[nodiscard]] bool given() const;
  // None of them has to be given, for a command with options of its own.
  void commands_optional();
  // The help's last line.
  void footer(const std::string& text);
  // Everything from the first operand on belongs to a command with options of its own: rest().
  void leave_rest();
  [[nodiscard]] std::vector<std::string> rest() const;

  // A status to exit with for --help (0) and usage errors (2), nothing to go on. --describe-options is answered as well: a line for
  // each of them, from which scripts/options.py makes completions and the manual page's lists.
  std::optional<int> parse(const std::vector<std::string>& arguments);

 private:
  explicit Arguments(CLI::App* part);
  Argument added(CLI::Option* option) { return {option, more_}; }
  void describe(std::string& out) const;
  std::unique_ptr<CLI::App> own_;
  CLI::App* app_;
  std::map<const CLI::Option*, std::string> more_;
  std::vector<std::unique_ptr<Arguments>> commands_;
};

}  // namespace tlswhy::cli
