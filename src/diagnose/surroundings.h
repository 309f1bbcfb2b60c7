#pragma once
// The machine around what was watched: its clock, what it calls itself, what tlswhy may do there.

#include "facts/facts.h"
#include "host/files.h"

namespace tlswhy::diagnose {

// Fills in observed_at, clock, system and observer. `files`: the machine's root.
void describe_surroundings(const host::Files& files, facts::Facts& out);

// The parts that come from files: the newest of those that a package manager or the loader writes.
facts::Clock clock_of(const host::Files& files);
facts::System name_of_system(const host::Files& files);

}  // namespace tlswhy::diagnose
