#pragma once
// From an analysis to a report: asks the process's own library what it says of the chain, tries the rules, proves
// each candidate by its one change, and tries out every remedy before it is offered.

#include "diagnose/analyse.h"

namespace tlswhy::diagnose {

struct JudgeOptions {
  bool probe = true;   // remedies may shake hands with the peer again
  bool setup = false;  // judge the set-up of processes that made no handshake
};

// The report's outcome as the schema has it.
std::string outcome_of(const facts::Facts& facts);

facts::Report judge(Analysis analysis, const JudgeOptions& options);

}  // namespace tlswhy::diagnose
