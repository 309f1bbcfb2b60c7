#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <map>

#include "cli/command.h"
#include "report/table.h"

namespace tlswhy::cli {

using Argument = Arguments::Argument;

Argument& Argument::type(const std::string& name) { return option_->type_name(name), *this; }
Argument& Argument::more(std::string_view text) { return more_->emplace(option_, text), *this; }
Argument& Argument::required() { return option_->required(), *this; }
Argument& Argument::needs(const Argument& other) { return option_->needs(other.option_), *this; }
Argument& Argument::one_of(const std::vector<std::string>& values) { return option_->check(CLI::IsMember(values)), *this; }
Argument& Argument::existing_file() { return option_->check(CLI::ExistingFile), *this; }
Argument& Argument::one_each() { return option_->allow_extra_args(false), *this; }
Argument& Argument::may_stand_alone() { return option_->expected(0, 1), *this; }
bool Argument::given() const { return option_->count() > 0; }
Argument& Argument::between(unsigned least, unsigned most) { return option_->check(CLI::Range(least, most)), *this; }
Argument& Argument::at_least(int least) {
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

Argument Arguments::flag(const std::string& name, bool& into, const std::string& help) { return added(app_->add_flag(name, into, help)); }
Argument Arguments::add(const std::string& name, std::string& into, const std::string& help) { return added(app_->add_option(name, into, help)); }
Argument Arguments::add(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  return added(app_->add_option(name, into, help));
}
Argument Arguments::add(const std::string& name, int& into, const std::string& help) { return added(app_->add_option(name, into, help)); }
Argument Arguments::add(const std::string& name, unsigned& into, const std::string& help) { return added(app_->add_option(name, into, help)); }

void Arguments::common(Options& options) {
  for (const report::Form& form : report::forms()) {
    const std::string name(form.option), help(form.help), id(form.id);
    if (form.place == report::Place::kFile)
      add(name, options.files[id], help).type("FILE").more(form.more);
    else if (!name.empty())
      app_->add_flag_callback(name, [&options, id] { options.screen = id; }, help);
  }
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

void Arguments::commands_optional() { app_->require_subcommand(0, 1); }
bool Arguments::given() const { return app_->parsed(); }
void Arguments::footer(const std::string& text) { app_->footer(text); }
void Arguments::leave_rest() { app_->prefix_command(); }
std::vector<std::string> Arguments::rest() const { return app_->remaining(); }

std::vector<std::string> take_command(std::vector<std::string>& arguments) {
  const auto dashes = std::ranges::find(arguments, "--");
  if (dashes == arguments.end()) return {};
  std::vector<std::string> command(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
  return command;
}

void Arguments::describe(std::string& out) const {
  for (const CLI::Option* option : app_->get_options()) {
    if (option == app_->get_help_ptr()) continue;
    const bool operand = option->get_positional();
    const auto more = more_.find(option);
    const char* many = option->get_items_expected_max() == 0 ? "flag" : option->get_items_expected_max() > 1 ? "many" : "one";
    out += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", operand ? "operand" : "option", option->get_name(operand), many,
                       option->get_required() ? "required" : "optional", many[0] == 'f' ? "" : option->get_type_name(), option->get_description(),
                       more == more_.end() ? "" : more->second);
  }
  if (app_->get_prefix_command()) out += "rest\tCMD\n";
  for (const std::unique_ptr<Arguments>& command : commands_) {
    out += fmt::format("command\t{}\t{}\n", command->app_->get_name(), command->app_->get_description());
    command->describe(out);
  }
}

std::optional<int> Arguments::parse(const std::vector<std::string>& arguments) {
  if (arguments == std::vector<std::string>{"--describe-options"}) {
    std::string rows;
    describe(rows);
    fmt::print("{}", rows);
    return kNothingWrong;
  }
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
