#pragma once
// A remedy turns a finding into something a person can run. One file per remedy, one line each in table.cc, safest
// first. None of them ever turns verification off.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/facts.h"

namespace tlswhy::fix {

// A remedy offered for a finding, with the change by which it is tried out before it is shown.
struct Offer {
  facts::Fix fix;  // `verified` still false
  facts::Change change;
};

struct Remedy {
  std::string_view id;
  std::string_view summary;
  // The offer for this finding, if the remedy fits it.
  std::optional<Offer> (*offer)(const facts::Finding& finding, const facts::Facts& facts);
};

// The offers for `finding`, safest first.
std::vector<Offer> offers_for(const facts::Finding& finding, const facts::Facts& facts);

// "SSL_CERT_FILE=/x cmd arg", quoted for a shell.
std::string with_environment(const facts::Change& change, const std::vector<std::string>& command);

}  // namespace tlswhy::fix
