#pragma once
// Handshakes as a list: peer, version, outcome, chain, the anchor that it needs and where that is.

#include <string>

#include "facts/facts.h"
#include "report/style.h"

namespace tlswhy::report {

// How a handshake ended, in a sentence without its subject.
std::string ending(const facts::Handshake& shake);

// One entry a handshake, in order; the chain of each is shown once.
std::string handshake_list(const facts::Facts& facts, const Style& style);

}  // namespace tlswhy::report
