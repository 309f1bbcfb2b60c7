#pragma once
// A scenario is data: lab/scenarios/NAME.toml says what to set up, what to run, and what tlswhy must say.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lab/peer.h"
#include "lab/program.h"

namespace lab {

// A file or link to make before the command runs. Inside the scenario's own mount namespace.
struct Placed {
  std::string path;
  // Certificates, joined by "+": "anchor", "intermediate", "other", "namesake", "system", "unended" (no newline after it), "bad" (no block that can
  // be read); or "text:…", "copy:PATH".
  std::string content;
  std::string link;  // target, for a link
  bool directory = false;
  unsigned mode = 0;  // 0: leave the default
  std::string owner;  // "" root
};

// What `tlswhy run --json` must report.
struct Expected {
  std::optional<int> exit;  // else 0, or a program's own status of a refusal if the outcome is "failed"; below 0: any but 0
  std::string outcome;
  std::string code, name, certainty;  // of the first finding; code "" for no findings
  std::string fix;                    // id of a verified fix, "" for none
  std::vector<std::string> evidence;  // texts that must stand in the first finding's evidence
  std::string alert;                  // "unknown_ca", "encrypted", "" for any
  std::string changed;                // text in proof.changed, "" for any
  std::vector<std::string> absent;    // texts that must stand nowhere in what was printed
  std::string stack;                  // the start of a failed handshake's stack, "" for any
  bool fix_works = false;             // the first verified fix's command is run: then the program must succeed
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
  const Peer* peer = find_peer("");      // what the server presents
  bool anchor_in_system = true;          // the peer's root is in the system store; as its row says, if the scenario does not
  std::string openssl;                   // only with a bundle of this libcrypto's version ("1.1"), "" any
  bool needs_root = false;               // skipped without root
  std::vector<std::string> needs;   // programs and files without which it is skipped; with blanks in it: a command of a shell that has to succeed
  std::vector<std::string> remove;  // paths to remove first
  std::vector<Placed> placed;
  std::vector<std::vector<std::string>> prepare;  // commands to run when all is placed (setcap, chmod)
  std::vector<const Program*> programs;           // each is run; or else
  std::vector<std::string> argv;                  // this
  std::vector<std::string> options;               // for `tlswhy run`
  std::map<std::string, std::string> env;
  std::string user;  // "" as the lab
  Expected expected;
  std::vector<Step> steps;
};

// The scenario with one of its programs put in; kept as it is for null.
Scenario with_program(Scenario scenario, const Program* program);

// Reads one scenario file; kMalformed with line and column.
tlswhy::base::Result<Scenario> read_scenario(const std::string& path);

// The names of all scenarios in `folder`, sorted.
std::vector<std::string> list_scenarios(const std::string& folder);

}  // namespace lab
