#pragma once
// Where a change is tried: the seam between the diagnosis and the world. The machine's own asks the model, the library and the peer; a saved
// report answers with what was tried then; tests have their own.

#include "base/result.h"
#include "findings/trial.h"

namespace tlswhy::prove {

class Laboratory {
 public:
  virtual ~Laboratory() = default;
  // What the stack (index into Facts::stacks) makes of the handshake's chain under `change`, the empty one: as it was. An error says why it
  // can't be tried; that is no verdict.
  virtual base::Result<findings::Answer> ask(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) = 0;
};

// Nothing can be tried: facts alone count.
class NoLaboratory : public Laboratory {
 public:
  base::Result<findings::Answer> ask(findings::Means, std::int64_t, std::int64_t, const findings::Change&) override {
    return base::fail(base::Code::kUnsupported, "nothing can be tried here");
  }
};

}  // namespace tlswhy::prove
