#pragma once
// Asks a laboratory each question once, and keeps what it answered for the report.

#include <deque>
#include <vector>

#include "findings/trial.h"
#include "prove/laboratory.h"

namespace tlswhy::diagnose {

class Notebook {
 public:
  explicit Notebook(prove::Laboratory& laboratory) : laboratory_(laboratory) {}

  // What was answered; with neither answer nor trouble it never comes.
  const findings::Trial& ask(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  std::vector<findings::Trial> take() { return {trials_.begin(), trials_.end()}; }

 private:
  prove::Laboratory& laboratory_;
  std::deque<findings::Trial> trials_;  // references to its elements stay good
};

// A laboratory that answers with what a saved report holds.
class RecordedLaboratory : public prove::Laboratory {
 public:
  explicit RecordedLaboratory(std::vector<findings::Trial> trials) : trials_(std::move(trials)) {}
  base::Result<findings::Answer> ask(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) override;

 private:
  std::vector<findings::Trial> trials_;
};

}  // namespace tlswhy::diagnose
