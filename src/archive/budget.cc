#include "archive/budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace tlswhy::archive {

// A size of 0 (a stream) has the least.
Budget::Budget(const Limits& limits, std::uint64_t size)
    : limits_(limits),
      may_unpack_(std::min(limits.unpacked, std::max(limits.least, size < limits.unpacked ? size * limits.ratio : limits.unpacked))) {}

bool Budget::entry() {
  if (++entries_ <= limits_.entries) return true;
  note(fmt::format("it has more than {} entries: the rest was not looked at", limits_.entries), "");
  spent_ = true;
  return false;
}

bool Budget::keep(std::uint64_t bytes, const std::string& path) {
  if (bytes > limits_.file) {
    note(fmt::format("files larger than {} MiB were not looked at", limits_.file >> 20), path);
    return false;
  }
  if (bytes > limits_.kept - std::min(kept_, limits_.kept)) {
    note(fmt::format("programs and libraries of more than {} MiB in all: the rest was not looked at", limits_.kept >> 20), path);
    return false;
  }
  kept_ += bytes;
  return true;
}

bool Budget::unpack(std::uint64_t bytes) {
  unpacked_ += bytes;
  if (unpacked_ <= may_unpack_) return true;
  if (!spent_) note(fmt::format("it unpacks to more than {} MiB: the rest was not looked at", may_unpack_ >> 20), "");
  spent_ = true;
  return false;
}

bool Budget::descend(int depth, const std::string& path) {
  if (depth <= limits_.depth) return true;
  note("archives within archives within archives were not looked into", path);
  return false;
}

void Budget::note(std::string_view kind, const std::string& path) {
  Note& one = notes_[std::string(kind)];
  if (one.count++ == 0) one.first = path;
}

std::vector<std::string> Budget::notes() const {
  std::vector<std::string> out;
  for (const auto& [kind, one] : notes_) {
    const std::string where = one.first.empty() ? "" : ": " + base::printable(one.first, 200);
    const std::string more = one.count > 1 && !one.first.empty() ? fmt::format(" and {} more", one.count - 1) : "";
    out.push_back(kind + where + more);
  }
  return out;
}

}  // namespace tlswhy::archive
