#pragma once
// What a stack asks of a path beyond issuers: one table, checked against the real ones by tests/matrix/policy.py.

#include <cstdint>
#include <string>

#include "stacks/trust.h"

namespace tlswhy::stacks {

struct Asked {
  std::string host;       // the name that it connects to, "" to leave that out
  std::int64_t time = 0;  // seconds since 1970; 0: now
};

// What the stack makes of `chain`, as judge(), and of its dates, purposes, names and algorithms too.
Verdict judge_chain_for(const Spec& spec, const Trust& trust, std::span<const x509::Certificate> chain, const Asked& asked);

}  // namespace tlswhy::stacks
