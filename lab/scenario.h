#pragma once
// A scenario is data: lab/scenarios/NAME.toml says what to set up, what to run, and what tlswhy must say.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lab {

// A file or link to make before the command runs. Inside the scenario's own mount namespace.
struct Placed {
  std::string path;
  std::string content;  // see prepare.cc: "anchor", "other", "system+anchor", "text:…", "copy:PATH"
  std::string link;     // target, for a link
  bool directory = false;
  unsigned mode = 0;  // 0: leave the default
  std::string owner;  // "" root
};

// What `tlswhy run --json` must report.
struct Expected {
  int exit = 0;
  std::string outcome;
  std::string code, name, certainty;  // of the first finding; code "" for no findings
  std::string fix;                    // id of a verified fix, "" for none
  std::vector<std::string> evidence;  // texts that must stand in the first finding's evidence
  std::string alert;                  // "unknown_ca", "encrypted", "" for any
  std::string changed;                // text in proof.changed, "" for any
};

// A narrated step of `tlswhy lab run`.
struct Step {
  std::string say;
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
};

struct Scenario {
  std::string name, title;
  std::vector<std::string> tls{"both"};  // the server's versions; one run for each
  bool anchor_in_system = true;          // the lab's root is in the system store
  std::string openssl;                   // only with a bundle of this libcrypto's version ("1.1"), "" any
  bool needs_root = false;               // skipped without root
  std::vector<std::string> remove;       // paths to remove first
  std::vector<Placed> placed;
  std::vector<std::vector<std::string>> prepare;  // commands to run when all is placed (setcap, chmod)
  std::vector<std::string> argv;
  std::vector<std::string> options;  // for `tlswhy run`
  std::map<std::string, std::string> env;
  std::string user;  // "" as the lab
  Expected expected;
  std::vector<Step> steps;
};

// Reads one scenario file; kMalformed with line and column.
tlswhy::base::Result<Scenario> read_scenario(const std::string& path);

// The names of all scenarios in `folder`, sorted.
std::vector<std::string> list_scenarios(const std::string& folder);

}  // namespace lab
