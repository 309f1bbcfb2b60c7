#include "host/file_mode.h"

namespace tlswhy::host {

using base::Result;

Result<std::uint32_t> changed_mode(std::uint32_t mode, const std::string& change, bool directory) {
  const std::size_t plus = change.find('+');
  if (plus == std::string::npos || change.find_first_not_of("ugoa") != plus || change.find_first_not_of("rxX", plus + 1) != std::string::npos)
    return base::fail(base::Code::kUsage, "not a mode that can be added", change);
  const std::string who = plus == 0 ? "a" : change.substr(0, plus);
  const std::string rights = change.substr(plus + 1);
  std::uint32_t bits = rights.find('r') != std::string::npos ? 4 : 0;
  // X: search permission, for directories and for what somebody may execute already.
  if (rights.find('x') != std::string::npos || (rights.find('X') != std::string::npos && (directory || (mode & 0111U) != 0))) bits |= 1;
  const bool all = who.find('a') != std::string::npos;
  if (all || who.find('u') != std::string::npos) mode |= bits << 6;
  if (all || who.find('g') != std::string::npos) mode |= bits << 3;
  if (all || who.find('o') != std::string::npos) mode |= bits;
  return mode;
}

}  // namespace tlswhy::host
