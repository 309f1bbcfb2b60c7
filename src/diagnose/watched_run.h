#pragma once
// Runs a command under a change, watched as `run` watches: what then became of its connections to a peer is the answer. Either the watched
// command itself once more (`run --try-fix`), which proves for code that can't be asked apart (Go, Rust, stripped static programs), or its
// runtime with a few lines of ours that shake hands and leave (stacks::Stack::shake).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "facts/facts.h"
#include "findings/trial.h"
#include "host/files.h"
#include "prove/private_view.h"

namespace tlswhy::diagnose {

struct WatchedRun {
  std::vector<std::string> command;
  findings::Change change;                  // its variables and options
  std::vector<prove::FileEdit> edits = {};  // of files for it alone, in a mount namespace of its own
  // Variables in the place of ours, of which PATH and LANG alone stay: it may run as somebody else. Nothing: all of ours.
  std::optional<std::map<std::string, std::string>> environment = {};
  std::optional<host::Credentials> who = {};  // whose rights it has, if we may give them
  int deadline_ms = 120'000;
};

// It reads nothing, and what it writes is lost. What came of the connections to the port of `seen` under the name `servername`: accepted, or
// why not. kTimeout at the deadline, when all that it started is ended; kNotFound when it did not come to that peer; kUnsupported when the
// change can't be made.
base::Result<findings::Answer> run_watched(const WatchedRun& run, const facts::Handshake& seen, const std::string& servername);

}  // namespace tlswhy::diagnose
