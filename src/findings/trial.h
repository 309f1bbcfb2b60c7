#pragma once
// What was tried, and what came of it.

#include <cstdint>
#include <optional>
#include <string>

#include "facts/words.h"
#include "findings/change.h"

namespace tlswhy::findings {

// What a stack says of a chain under a change.
struct Answer {
  bool ok = false;
  facts::Reason reason = facts::Reason::kUnknown;
  int code = 0;  // the stack's own number
  int depth = 0;
  std::string text;
};

// By what a change is tried: the model of the stack, the process's own library in a cage, that library in a handshake with the peer, the
// command itself run again, its runtime in a handshake of ours.
enum class Means { kModel, kLibrary, kHandshake, kCommand, kRuntime };

inline constexpr facts::Words<Means, 5> kMeansWords{{{Means::kModel, "model"},
                                                     {Means::kLibrary, "library"},
                                                     {Means::kHandshake, "handshake"},
                                                     {Means::kCommand, "command"},
                                                     {Means::kRuntime, "runtime"}}};
constexpr const auto& words_of(Means) { return kMeansWords; }

// One trial, kept in the report so that it can be judged again where nothing can be tried.
struct Trial {
  Means means = Means::kModel;
  std::int64_t handshake = -1;  // index into Facts::handshakes
  std::int64_t stack = -1;      // index into Facts::stacks
  Change change;                // empty: as it was
  std::optional<Answer> answer;
  std::string trouble;  // why there is no answer
};

}  // namespace tlswhy::findings
