// What a runtime is run with to shake hands by itself.

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "stacks/stack.h"

namespace tlswhy::stacks {
namespace {

// Options and properties on the command line of the process that steer trust.
std::vector<std::string> steering(const Stack& row, const std::vector<std::string>& command) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < command.size(); ++i)
    for (const Knob& knob : row.knobs) {
      const std::string name = (knob.kind == KnobKind::kProperty ? "-D" : "") + std::string(knob.name);
      if (knob.kind == KnobKind::kVariable || knob.holds == Holds::kPin || !command[i].starts_with(name)) continue;
      if (command[i].size() > name.size() && command[i][name.size()] != '=') continue;
      out.push_back(command[i]);
      const bool takes_next = knob.kind == KnobKind::kOption && knob.holds != Holds::kFlag && command[i] == name && i + 1 < command.size();
      if (takes_next) out.push_back(command[i + 1]);
    }
  return out;
}

}  // namespace

std::vector<std::string> shake_command(const facts::Stack& stack, const facts::Process& process, const std::string& address, unsigned port,
                                       const std::string& name, const std::string& helpers) {
  const Stack* row = row_of(stack);
  if (row == nullptr || row->shake.empty() || (!row->runtime.empty() && base::base_name(process.exe) != row->runtime)) return {};
  const std::array<std::pair<std::string_view, std::string>, 5> values{{{"{exe}", process.exe},
                                                                        {"{helpers}", helpers},
                                                                        {"{address}", address},
                                                                        {"{port}", std::to_string(port)},
                                                                        {"{name}", name.empty() ? address : name}}};
  std::vector<std::string> out;
  for (const std::string_view word : row->shake) {
    if (word == "{options}") {
      std::ranges::copy(steering(*row, process.command), std::back_inserter(out));
      continue;
    }
    std::string& made = out.emplace_back(word);
    for (const auto& [place, value] : values)
      if (const std::size_t at = made.find(place); at != std::string::npos) made.replace(at, place.size(), value);
  }
  return out;
}

}  // namespace tlswhy::stacks
