#include "facts/facts.h"

#include <algorithm>

namespace tlswhy::facts {

const Process* Facts::process(std::int32_t pid) const {
  // The last of the entries with one pid is the program that ran last in it (exec).
  const auto hit = std::find_if(processes.rbegin(), processes.rend(), [&](const Process& one) { return one.pid == pid; });
  return hit == processes.rend() ? nullptr : &*hit;
}

}  // namespace tlswhy::facts
