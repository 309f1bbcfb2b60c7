#pragma once
// A subcommand's options and operands, read by CLI11. Behind this, as CLI11's header makes its validators before main() in each
// file that includes it: with fourteen files that was a tenth of every start.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tlswhy::cli {

class Arguments {
 public:
  // An option or operand that was added. What its functions ask for is told by a usage error where it is not so.
  class One {
   public:
    explicit One(CLI::Option* option) : option_(option) {}
    One& type(const std::string& name);  // what its value is called in the help
    One& required();
    One& needs(const One& other);
    One& one_of(const std::vector<std::string>& values);
    One& existing_file();
    One& between(unsigned least, unsigned most);
    One& at_least(int least);

   private:
    CLI::Option* option_;
  };

  // `does`: the help's first line. `name`: "tlswhy scan".
  Arguments(const std::string& does, const std::string& name);
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments();

  // `name`: "--root", or "FILE" for an operand. `into` is set by parse() and must live until then.
  One flag(const std::string& name, bool& into, const std::string& help);
  One add(const std::string& name, std::string& into, const std::string& help);
  One add(const std::string& name, std::vector<std::string>& into, const std::string& help);
  One add(const std::string& name, int& into, const std::string& help);
  One add(const std::string& name, unsigned& into, const std::string& help);
  // --json, --plain and --color.
  void common(Options& options);
  // A command below this one, of which exactly one has to be given; given(): it was.
  Arguments& command(const std::string& name, const std::string& does);
  [[nodiscard]] bool given() const;
  // The help's last line.
  void footer(const std::string& text);
  // Everything from the first operand on belongs to a command with options of its own: rest().
  void leave_rest();
  [[nodiscard]] std::vector<std::string> rest() const;

  // A status to exit with for --help (0) and usage errors (2), nothing to go on.
  std::optional<int> parse(const std::vector<std::string>& arguments);

 private:
  explicit Arguments(CLI::App* part);
  std::unique_ptr<CLI::App> own_;
  CLI::App* app_;
  std::vector<std::unique_ptr<Arguments>> commands_;
};

}  // namespace tlswhy::cli
