#pragma once
// The diagnosis as a whole: from what was recorded to a report.

#include "diagnose/analyse.h"
#include "findings/finding.h"

namespace tlswhy::diagnose {

struct Options {
  bool probe = true;                    // peers may be asked: for chains that were not seen, and to try fixes
  bool setup = false;                   // judge the set-up of processes that made no handshake
  std::vector<std::string> rerun = {};  // the words of a command that may be run again under a change; empty: not
};

// Judges what was analysed with what this machine can try, and looks for what works here where something failed.
findings::Report conclude(const Analysis& analysis, const Options& options);

// A saved report judged again by what it holds, its facts and its trials: nothing of this machine is looked at, and nothing is tried.
findings::Report judge_again(const findings::Report& saved);

}  // namespace tlswhy::diagnose
