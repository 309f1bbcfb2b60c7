#pragma once
// A remedy turns a finding into something a person can run. One file per remedy, one line each in table.cc, safest
// first. None of them ever turns verification off.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/facts.h"
#include "findings/finding.h"

namespace tlswhy::fix {

// A remedy offered for a finding. The command that is printed is made of the change, so what is tried is what is printed.
struct Offer {
  std::string title;
  findings::Change change;
  // What a person runs, where a tool of the distribution makes the change; else it is made of the change.
  std::string command = {};
};

struct Remedy {
  std::string_view id;
  std::string_view summary;
  // The offer for this finding, if the remedy fits it.
  std::optional<Offer> (*offer)(const findings::Finding& finding, const facts::Facts& facts);
};

// The offers for `finding`, safest first, each with its command; not tried yet.
std::vector<findings::Fix> offers_for(const findings::Finding& finding, const facts::Facts& facts);

// What a person runs to make the change, for a shell: commands that change the machine, then the program's own with its environment.
std::string command_for(const findings::Change& change, const std::vector<std::string>& program);

}  // namespace tlswhy::fix
