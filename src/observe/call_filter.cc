#include <array>

#include "observe/syscalls.h"

namespace tlswhy::observe {

std::span<const sock_filter> call_filter() {
  static constexpr std::array kProgram{
#include "call_filter.inc"
  };
  return kProgram;
}

}  // namespace tlswhy::observe
