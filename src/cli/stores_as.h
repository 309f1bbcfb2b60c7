#pragma once
// `tlswhy stores --as STACK`: the sources that one stack reads below a root with our environment, and what it would make
// of a chain, without running anything of it.

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "findings/finding.h"

namespace tlswhy::cli {

struct StoresAs {
  std::vector<std::string> stacks;  // "python@3.11+openssl@3.0.17"; "all": each with a model
  std::string chain;                // a PEM file, leaf first; "" for none
  std::string servername;           // that the chain has to be for; "" to leave that out
  std::string at;                   // when, as RFC 3339 writes it; "" for now
  std::string anchors;              // a PEM file of what is trusted, instead of what the stack reads; "" for none
  std::string environment_file;     // of variables, instead of ours; "" for none
  bool keep_environment = false;    // ours count, too: below another root they don't otherwise
  int uid = -1;                     // whose rights; -1 for ours
  bool at_secure = false;           // as a program with more rights than its caller
};

// The outcome is "ok" when anchors are found; with a chain, when it is trusted. kUsage for a stack that there is not, kUnsupported for one
// whose places are not known.
base::Result<findings::Report> stores_as(const StoresAs& what, const Options& options);

}  // namespace tlswhy::cli
