#pragma once
// What a stack asks of a path beyond issuers: one table, checked against the real ones by tests/matrix/policy.py.

#include <string>

#include "stacks/trust.h"

namespace tlswhy::stacks {

// What the stack makes of `chain`, as judge(), and of its dates, purposes, names and algorithms too. `host`: the name
// that it connects to, "" to leave that out.
std::string judge_chain_for(const Spec& spec, const Trust& trust, std::span<const x509::Certificate> chain, const std::string& host);

}  // namespace tlswhy::stacks
