// libFuzzer's entry; FUZZ_TARGET is the name of one row of the table.

#include <algorithm>
#include <cstdlib>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto target = std::ranges::find(fuzz::targets(), FUZZ_TARGET, &fuzz::Target::name);
  if (target == fuzz::targets().end()) std::abort();
  target->run({data, size});
  return 0;
}
