#include "facts/facts.h"

#include <algorithm>

namespace tlswhy::facts {

const Process* Facts::process(std::int32_t pid) const {
  // The last of the entries with one pid is the program that ran last in it (exec).
  const auto hit = std::find_if(processes.rbegin(), processes.rend(), [&](const Process& one) { return one.pid == pid; });
  return hit == processes.rend() ? nullptr : &*hit;
}

const Knob* Stack::knob_for(bool directory) const {
  for (const char* kind : {"variable", "option", "property"})
    for (const Knob& knob : knobs) {
      const bool fits = knob.holds == (directory ? "directory" : "file") || knob.holds == "either";
      if (knob.kind == kind && fits && knob.only_with.empty()) return &knob;
    }
  return nullptr;
}

}  // namespace tlswhy::facts
