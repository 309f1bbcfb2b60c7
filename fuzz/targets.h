#pragma once
// The parsers that read hostile bytes, one function each. libFuzzer drives them (fuzz.cc), and the corpus is an
// ordinary test (replay_test.cc).

#include <span>
#include <string_view>

#include "bytes/cursor.h"

namespace fuzz {

struct Target {
  std::string_view name;             // also the folder of its corpus
  void (*run)(tlswhy::bytes::View);  // aborts when a property does not hold
};

std::span<const Target> targets();

}  // namespace fuzz
