#pragma once
// Whose eyes to look with: a running process, a program that would be started from here, or a stack of this machine.

#include <memory>
#include <string>

#include "base/result.h"
#include "diagnose/analyse.h"

namespace tlswhy::diagnose {

// `as`: a process number, a program (a path, or a name on PATH), or "openssl" for the machine's own library. The result
// stands for a process: a real one, or the one that the program would be with our environment and user. kNotFound, or
// kUnsupported with what there is.
base::Result<std::shared_ptr<const facts::Snapshot>> viewpoint(const std::string& as);

// Verifies every chain of `analysis` in the library of its stack and sets `verify`; a handshake whose chain it refuses
// becomes "failed". What could not be asked goes to `unseen`. False when not one of them could be.
bool verify_as_seen(Analysis& analysis);

}  // namespace tlswhy::diagnose
