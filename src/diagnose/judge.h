#pragma once
// From facts to a report: every rule that concerns a case proposes a change, each change is tried, and what flips the result, most certainly and
// most specifically, is the root cause.

#include "facts/facts.h"
#include "findings/finding.h"
#include "prove/laboratory.h"

namespace tlswhy::diagnose {

struct JudgeOptions {
  bool rerun = false;  // the command may be run again under a change
  bool setup = false;  // judge the set-up of processes that made no handshake
};

// The report's outcome as the schema has it.
std::string outcome_of(const facts::Facts& facts);

// The report with findings and what was tried; `facts` may gain verdicts that the laboratory gave, and what could not be told.
findings::Report judge(facts::Facts facts, prove::Laboratory& laboratory, const JudgeOptions& options);

}  // namespace tlswhy::diagnose
