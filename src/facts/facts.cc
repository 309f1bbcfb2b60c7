#include "facts/facts.h"

#include <algorithm>

namespace tlswhy::facts {

const Process* Facts::process(std::int32_t pid) const {
  // The last of the entries with one pid is the program that ran last in it (exec).
  const auto hit = std::find_if(processes.rbegin(), processes.rend(), [&](const Process& one) { return one.pid == pid; });
  return hit == processes.rend() ? nullptr : &*hit;
}

std::string Change::text() const {
  std::string out;
  for (const auto& [name, value] : set) out += (out.empty() ? "" : ", ") + name + "=" + value;
  for (const std::string& name : unset) out += (out.empty() ? "" : ", ") + name + " unset";
  if (fresh) out += out.empty() ? "the store read afresh" : ", the store read afresh";
  if (!copy_anchor_from.empty()) out += (out.empty() ? "" : ", ") + ("a readable, hashed copy of " + copy_anchor_from);
  return out;
}

}  // namespace tlswhy::facts
