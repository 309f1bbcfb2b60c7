#pragma once
// `tlswhy stores --as STACK`: the sources that one stack reads below a root with our environment, and what it would make
// of a chain, without running anything of it.

#include <string>

#include "base/result.h"
#include "cli/options.h"

namespace tlswhy::cli {

struct StoresAs {
  std::string stack;       // "python@3.11+openssl@3.0.17"
  std::string chain;       // a PEM file, leaf first; "" for none
  std::string servername;  // that the chain has to be for; "" to leave that out
  int uid = -1;            // whose rights; -1 for ours
  bool at_secure = false;  // as a program with more rights than its caller
};

// The exit status: 0 when anchors are found (with a chain: when it is trusted), 1 when not, 3 when that can't be told.
int stores_as(const StoresAs& what, const Options& options);

}  // namespace tlswhy::cli
