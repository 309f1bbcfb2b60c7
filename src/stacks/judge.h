#pragma once
// What a stack would make of a chain, told from its model alone: nothing of it runs, nothing is asked but the viewpoint. A change is tried
// by asking again for another viewpoint (overlaid files, other variables, another time), another chain or another name.

#include <span>
#include <string>

#include "facts/facts.h"
#include "host/viewpoint.h"
#include "stacks/policy.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {

// What is otherwise than the stack and its stores have it.
struct Otherwise {
  std::span<const x509::Certificate> more_anchors = {};  // trusted beside what the stack reads, roots or not
  Checks checks = {};
};

struct Judgement {
  Trust trust;      // the sources it reads, in its order, and why it gives up if it does
  Verdict verdict;  // reason kUnknown: the stack has no model
};

// `stack` as recognised: model, version, build, linkage, path. `chain`: leaf first, as the peer sends it. `host`: the name that it connects
// to, "" to leave that out. `known`: certificates parsed before, to parse none twice; may be null.
Judgement judge_chain(const facts::Stack& stack, const host::Viewpoint& as, std::span<const x509::Certificate> chain, const std::string& host,
                      store::KnownCertificates* known = nullptr, const Otherwise& otherwise = {});

}  // namespace tlswhy::stacks
