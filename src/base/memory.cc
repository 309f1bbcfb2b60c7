#include "base/memory.h"

#include <malloc.h>

namespace tlswhy::base {

void keep_memory() {
  constexpr int kMiB = 1 << 20;
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, 4 * kMiB);
  ::mallopt(M_MMAP_THRESHOLD, 32 * kMiB);
  ::mallopt(M_TRIM_THRESHOLD, 64 * kMiB);
}

}  // namespace tlswhy::base
