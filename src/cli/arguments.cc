#include "cli/arguments.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <ostream>

// CLI11 includes <iostream> for two names, and that makes eight streams and their locales before main() (libstdc++ up to 12, a static
// ios_base::Init in each file that includes it): some 0.05 ms of every start. We write to none of them.
#ifdef __GLIBCXX__
#define _GLIBCXX_IOSTREAM 1  // NOLINT(bugprone-reserved-identifier)
namespace std {
extern ostream cout, cerr;
}
#endif
#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace tlswhy::cli {

using One = Arguments::One;

One& One::type(const std::string& name) { return option_->type_name(name), *this; }
One& One::required() { return option_->required(), *this; }
One& One::needs(const One& other) { return option_->needs(other.option_), *this; }
One& One::one_of(const std::vector<std::string>& values) { return option_->check(CLI::IsMember(values)), *this; }
One& One::existing_file() { return option_->check(CLI::ExistingFile), *this; }
One& One::between(unsigned least, unsigned most) { return option_->check(CLI::Range(least, most)), *this; }
One& One::at_least(int least) {
  const auto check = [least](const std::string& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool good = error == std::errc{} && end == text.data() + text.size() && number >= least;
    return good ? "" : fmt::format("{} is not a number of {} or more", text, least);
  };
  return option_->check(CLI::Validator(check, fmt::format("{} or more", least))), *this;
}

Arguments::Arguments(const std::string& does, const std::string& name) : own_(std::make_unique<CLI::App>(does, name)), app_(own_.get()) {}
Arguments::Arguments(CLI::App* part) : app_(part) {}
Arguments::~Arguments() = default;

One Arguments::flag(const std::string& name, bool& into, const std::string& help) { return One(app_->add_flag(name, into, help)); }
One Arguments::add(const std::string& name, std::string& into, const std::string& help) { return One(app_->add_option(name, into, help)); }
One Arguments::add(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  return One(app_->add_option(name, into, help));
}
One Arguments::add(const std::string& name, int& into, const std::string& help) { return One(app_->add_option(name, into, help)); }
One Arguments::add(const std::string& name, unsigned& into, const std::string& help) { return One(app_->add_option(name, into, help)); }

void Arguments::common(Options& options) {
  add("--json", options.json, "write the report as JSON (schema tlswhy/1) to FILE, '-' for standard output").type("FILE");
  flag("--plain", options.plain, "no drawing characters and no colour");
  static const std::map<std::string, Color> kColors{{"auto", Color::kAuto}, {"always", Color::kAlways}, {"never", Color::kNever}};
  app_->add_option_function<std::string>(
          "--color", [&options](const std::string& when) { options.color = kColors.at(when); }, "colour: auto, always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember(kColors));
}

Arguments& Arguments::command(const std::string& name, const std::string& does) {
  app_->require_subcommand(1);
  commands_.push_back(std::unique_ptr<Arguments>(new Arguments(app_->add_subcommand(name, does))));
  return *commands_.back();
}

bool Arguments::given() const { return app_->parsed(); }
void Arguments::footer(const std::string& text) { app_->footer(text); }
void Arguments::leave_rest() { app_->prefix_command(); }
std::vector<std::string> Arguments::rest() const { return app_->remaining(); }

std::optional<int> Arguments::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app_->parse(reversed);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app_->help());
    return kNothingWrong;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "{}: {}\n", app_->get_name(), error.what());
    return kUsage;
  }
}

}  // namespace tlswhy::cli
