#pragma once
// A cause: its public code, its explanation, and the judgement over facts. One file per cause; the catalogue
// lists them in the order in which they are tried. Rules see facts only: no file, no parser, no clock.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "facts/facts.h"

namespace tlswhy::rules {

// What is judged: one stack of one process, with the handshake that failed in it if one was seen.
struct Case {
  const facts::Facts& facts;
  const facts::Stack& stack;
  const facts::Process& process;
  const facts::Handshake* handshake = nullptr;
};

struct Rule {
  std::string_view code;         // "TW101": public, permanent
  std::string_view name;         // JSON class
  std::string_view summary;      // one line for `tlswhy codes`
  std::string_view explanation;  // for `tlswhy explain`: what it means, how it is seen, what to do
  // The finding, with evidence and the one change that would prove it; certainty is settled by the proof.
  std::optional<facts::Finding> (*judge)(const Case&);
};

// Every rule, in the order in which they are tried: what the operator set goes before what the machine lacks, and
// that before what was compiled in. The first whose change flips the result is the root cause.
std::span<const Rule* const> catalogue();

// The rule with this code, null if there is none.
const Rule* find_rule(std::string_view code);

}  // namespace tlswhy::rules
