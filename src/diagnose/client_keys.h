#pragma once
// What the files say of a certificate and a key that a process could not load: whether they belong together.

#include "facts/facts.h"
#include "facts/recording.h"

namespace tlswhy::diagnose {

// Adds, for a call of `process` that failed to load a certificate of its own or the key of one, a setting facts::kPrivateKey with what is wrong.
void look_at_keys(const facts::Snapshot& process, facts::Facts& facts);

}  // namespace tlswhy::diagnose
