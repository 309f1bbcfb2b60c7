#pragma once
// A cause: its public code, its explanation, and the judgement over facts. One file per cause; the catalogue lists them, those first that
// are more telling when two fit alike. Rules see facts only: no file, no parser, no clock.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "facts/facts.h"
#include "findings/finding.h"

namespace tlswhy::rules {

// What is judged: one stack of one process, with the handshake that failed in it if one was seen.
struct Case {
  const facts::Facts& facts;
  const facts::Stack& stack;  // an empty one where it is not known
  const facts::Process& process;
  const facts::Handshake* handshake = nullptr;
};

// The cause is not there, or not the one.
struct Silent {};
// What a cause is about, and so what it means for it that library or model take the chain as it is.
enum class About {
  kSetUp,    // that they accept the chain refutes it
  kChain,    // the chain itself: that, and that they refuse it for the same reason bears it out
  kNeither,  // the protocol, the program's own check: it means nothing
};
// It may be the one: `change` is the smallest under which the program would have succeeded by it, empty where none can be tried. The runner
// tries it and settles the certainty.
struct Fires {
  std::string title;
  std::vector<findings::Evidence> evidence;
  findings::Change change = {};
  About about = About::kSetUp;
  // Where the peer itself was asked with one thing changed (Handshake::hello_probes): what came of it.
  std::optional<findings::Proof> proof = {};
};
// It can't be told, for want of something that was not seen.
struct Unknown {
  std::string what, why;
};
using Outcome = std::variant<Silent, Fires, Unknown>;

struct Rule {
  std::string_view code;         // "TW101": public, permanent
  std::string_view name;         // JSON class
  std::string_view summary;      // one line for `tlswhy codes`
  std::string_view explanation;  // for `tlswhy explain`: what it means, how it is seen, what to do
  // The reasons of a refusal that it can explain.
  std::span<const facts::Reason> reasons;
  Outcome (*judge)(const Case&);
};

// Every rule: what the operator set goes before what the machine lacks, and that before what was compiled in.
std::span<const Rule* const> catalogue();

// The rule with this code, null if there is none.
const Rule* find_rule(std::string_view code);

// Whether the rule may explain the case: by the reason of the handshake; without one it is about the set-up.
bool concerns(const Rule& rule, const Case& one);

}  // namespace tlswhy::rules
