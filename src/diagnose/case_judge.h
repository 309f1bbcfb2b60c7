#pragma once
// Judges one case: lets every rule that concerns it speak, tries what they propose, and ranks what holds.

#include <cstdint>
#include <string>
#include <vector>

#include "diagnose/notebook.h"
#include "rules/rule.h"

namespace tlswhy::diagnose {

class CaseJudge {
 public:
  // `handshake`, `stack`: the case's indices into its facts, -1 for none.
  // `rerun`: the command may be run again.
  CaseJudge(const rules::Case& one, std::int64_t handshake, std::int64_t stack, Notebook& notebook, bool rerun)
      : case_(one), handshake_(handshake), stack_(stack), notebook_(notebook), rerun_(rerun) {}

  // The root cause, or the two that only together explain the case; empty when none holds.
  // `counts`: which rules are asked; all that concern the case without it.
  std::vector<findings::Finding> findings(bool (*counts)(const rules::Rule&) = nullptr);
  // Afterwards: what could not be told, and why, in sentences.
  [[nodiscard]] const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  enum class State { kHolds, kRefuted };
  struct Candidate {
    findings::Finding finding;
    State state = State::kHolds;
  };

  Candidate candidate(const rules::Rule& rule, rules::Fires fires);
  // Tries the finding's change; sets certainty and proof. `about`: as in rules::Fires.
  State settle(findings::Finding& finding, rules::About about);
  // What neither library nor model has proven, by its runtime, or by the command if that may be run again.
  void prove_further(findings::Finding& finding);
  bool prove_by(findings::Means means, findings::Finding& finding);
  // Whether the library or the model refuses the chain as it is.
  State ask_again(findings::Finding& finding, rules::About about);
  // By one means; nothing when it can't tell: it could not be asked, or does not show the failure that was seen.
  std::optional<State> try_by(findings::Means means, findings::Finding& finding);
  [[nodiscard]] std::string file_of(findings::Means means) const;
  // What is asked for the case as it was: with the name, where only the model said that it was the name.
  [[nodiscard]] findings::Change as_it_was(findings::Means means) const;
  std::vector<findings::Finding> pair(std::vector<Candidate>& refuted);
  [[nodiscard]] bool shows_the_failure(const findings::Answer& before, const findings::Change& change) const;

  const rules::Case& case_;
  std::int64_t handshake_, stack_;
  Notebook& notebook_;
  bool rerun_;
  std::vector<std::string> unknown_;
};

}  // namespace tlswhy::diagnose
