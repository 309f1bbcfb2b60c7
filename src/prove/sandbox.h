#pragma once
// The cage in which a copy of the target's own library runs: no new privileges, no new sockets, no processes,
// no writing, little time and memory.

#include "base/result.h"

namespace tlswhy::prove {

// Cages the calling process for good. Open descriptors stay usable; files can still be opened for reading.
// Whatever else is tried fails with EPERM. kSystem when the kernel refuses: then nothing must be run.
base::Result<void> enter_sandbox();

}  // namespace tlswhy::prove
