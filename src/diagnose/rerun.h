#pragma once
// `run --try-fix`: the watched command once more, under a change and watched as before. Whether TLS then works is the proof for code that
// can't be asked by itself (Go, Rust, stripped static programs).

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "facts/facts.h"
#include "findings/trial.h"
#include "prove/private_view.h"

namespace tlswhy::diagnose {

class Rerun {
 public:
  // `command`: its words as they were given.
  explicit Rerun(std::vector<std::string> command) : command_(std::move(command)) {}

  // Runs it with the variables and options of `change`, and with the edits of files for it alone, in a mount namespace of its own. It reads
  // nothing and what it writes is lost. What came of the connections to the peer of `seen`: accepted, or why not. kTimeout after two minutes;
  // kNotFound when it did not come to that peer again; kUnsupported after the third time.
  base::Result<findings::Answer> operator()(const findings::Change& change, const std::vector<prove::FileEdit>& edits, const facts::Handshake& seen);

 private:
  std::vector<std::string> command_;
  int left_ = 3;
};

}  // namespace tlswhy::diagnose
