#pragma once
// `tlswhy stores --as STACK`: the sources that one stack reads below a root with our environment, and what it would make
// of a chain, without running anything of it.

#include <string>

#include "base/result.h"
#include "cli/options.h"
#include "findings/finding.h"

namespace tlswhy::cli {

struct StoresAs {
  std::string stack;       // "python@3.11+openssl@3.0.17"
  std::string chain;       // a PEM file, leaf first; "" for none
  std::string servername;  // that the chain has to be for; "" to leave that out
  int uid = -1;            // whose rights; -1 for ours
  bool at_secure = false;  // as a program with more rights than its caller
};

// The outcome is "ok" when anchors are found; with a chain, when it is trusted. kUsage for a stack that there is not, kUnsupported for one
// whose places are not known.
base::Result<findings::Report> stores_as(const StoresAs& what, const Options& options);

}  // namespace tlswhy::cli
