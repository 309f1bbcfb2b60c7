#include "diagnose/case_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "facts/reasons.h"
#include "rules/process_rules.h"

namespace tlswhy::diagnose {

using findings::Answer;
using findings::Change;
using findings::EditKind;
using findings::Finding;
using findings::Means;

namespace {

// What touches just what is broken tells more than another store, or another time, which mend almost anything.
int specificity(const Change& change) {
  if (change.empty()) return 0;
  if (change.has(EditKind::kAddAnchor)) return 1;
  if (change.has(EditKind::kTime)) return 2;
  return change.has(EditKind::kSetVariable) && !change.has(EditKind::kDropPrivileges) ? 2 : 3;
}

int rank(const std::string& certainty) { return certainty == "proven" ? 2 : certainty == "supported" ? 1 : 0; }

findings::ProofRun run_of(std::string label, const Answer& answer) { return {std::move(label), answer.ok, answer.code, answer.text, answer.depth}; }

// What a library reads before it has to do with any store.
bool concerns_start(const Change& change) {
  return std::ranges::any_of(change.edits,
                             [](const findings::Edit& edit) { return edit.target == "OPENSSL_CONF" || edit.target == "OPENSSL_MODULES"; });
}

bool wants_issuer(facts::Reason reason) { return reason == facts::Reason::kNoIssuer || reason == facts::Reason::kSelfSigned; }

}  // namespace

// Whether what this means says of the unchanged case is what was seen there. A store that the process loaded long ago can't be had again.
bool CaseJudge::shows_the_failure(const Answer& before, const Change& change) const {
  if (change.is_of_the_past()) return true;
  if (before.ok) return false;
  if (case_.handshake == nullptr) return true;
  const facts::Reason seen = facts::reason_of(*case_.handshake);
  return seen == facts::Reason::kUnknown || seen == before.reason || (wants_issuer(seen) && wants_issuer(before.reason));
}

// What a copy is made of: the library below a stack that stands on one.
std::string CaseJudge::file_of(Means means) const { return means == Means::kModel || case_.stack.over.empty() ? case_.stack.path : case_.stack.over; }

Change CaseJudge::as_it_was(Means means) const {
  const bool named = means == Means::kModel && case_.handshake != nullptr && case_.handshake->verify && case_.handshake->verify->seen_by == "model" &&
                     case_.handshake->verify->reason == facts::Reason::kName && !case_.handshake->servername.empty();
  return named ? Change{{{EditKind::kPeerName, "", case_.handshake->servername}}} : Change{};
}

std::optional<CaseJudge::State> CaseJudge::try_by(Means means, Finding& finding) {
  const findings::Trial& before = notebook_.ask(means, handshake_, stack_, as_it_was(means));
  const bool fresh = finding.change.is_of_the_past();
  const auto note = [&](const std::string& trouble) {
    if (!finding.proof) finding.proof = findings::Proof{file_of(means), finding.change.text(), {}, {}, false, trouble, means};
    return std::nullopt;
  };
  if (!before.answer) return note(before.trouble);
  // A library that begins as it is has no fault in what it begins with.
  if (before.answer->ok && handshake_ < 0 && means == Means::kLibrary && concerns_start(finding.change)) return State::kRefuted;
  if (before.answer->ok && handshake_ < 0) return note("no chain was seen");
  // Where the set-up accepts what the process refused, nothing about the set-up is the cause.
  if (before.answer->ok && !fresh) return State::kRefuted;
  if (!shows_the_failure(*before.answer, finding.change)) return note("it does not refuse this chain as the process did");
  const findings::Trial& after = fresh ? before : notebook_.ask(means, handshake_, stack_, finding.change);
  if (!after.answer) return note(after.trouble);
  findings::Proof proof{file_of(means), finding.change.text(), run_of("as it was", *before.answer), {}, false, "", means};
  // What the process itself found can't be had again: it stands as it was seen.
  if (fresh && case_.handshake != nullptr && case_.handshake->verify) {
    const facts::Verify& seen = *case_.handshake->verify;
    proof.before = {"in the process", false, seen.code, seen.text, seen.depth};
  }
  proof.after = run_of(proof.changed, *after.answer);
  proof.flipped = after.answer->ok;
  const bool flipped = proof.flipped;
  finding.proof = std::move(proof);
  if (!flipped) return State::kRefuted;
  finding.certainty = means == Means::kModel ? "supported" : "proven";
  return State::kHolds;
}

// Nothing to try; but what accepts the chain as it is shows that the set-up is not to blame, and what refuses it for the same reason bears
// out a finding about the chain itself.
CaseJudge::State CaseJudge::ask_again(Finding& finding, rules::About about) {
  for (const Means means : {Means::kLibrary, Means::kModel}) {
    const findings::Trial& asked = notebook_.ask(means, handshake_, stack_, {});
    if (!asked.answer) continue;
    if (asked.answer->ok && means == Means::kLibrary) return State::kRefuted;
    if (asked.answer->ok || about != rules::About::kChain || asked.answer->reason != facts::reason_of(*case_.handshake)) continue;
    finding.certainty = "supported";
    finding.evidence.push_back({fmt::format("asked again, {} refuses this chain as well: {}",
                                            means == Means::kModel ? "the model of this stack" : "the library", asked.answer->text),
                                file_of(means), "", std::string(facts::name_of(means))});
    break;
  }
  return State::kHolds;
}

CaseJudge::State CaseJudge::settle(Finding& finding, rules::About about) {
  if (finding.change.empty()) {
    if (handshake_ < 0 || facts::is_beside_chain(facts::reason_of(*case_.handshake))) return State::kHolds;
    return about == rules::About::kNeither ? State::kHolds : ask_again(finding, about);
  }
  for (const Means means : {Means::kLibrary, Means::kModel})
    if (const auto state = try_by(means, finding)) return *state;
  return State::kHolds;
}

// The runtime has to show the failure as well, or it does not do what the program does. Not every stack takes an issuer that is no root for an
// anchor: what does not flip so is not refuted.
bool CaseJudge::prove_by(Means means, Finding& finding) {
  findings::ProofRun before{"as it was", false, 0, "the handshake failed", 0};
  if (const auto& seen = case_.handshake->verify; seen && !seen->text.empty()) before = {"as it was", false, seen->code, seen->text, seen->depth};
  if (means == Means::kRuntime) {
    const findings::Trial& asked = notebook_.ask(means, handshake_, stack_, {});
    if (!asked.answer || asked.answer->ok || !shows_the_failure(*asked.answer, finding.change)) return false;
    before = run_of("as it was", *asked.answer);
  }
  const findings::Trial& after = notebook_.ask(means, handshake_, stack_, finding.change);
  if (!after.answer || !after.answer->ok) return false;
  finding.proof = findings::Proof{case_.process.exe, finding.change.text(), before, run_of(finding.change.text(), *after.answer), true, "", means};
  finding.certainty = "proven";
  return true;
}

void CaseJudge::prove_further(Finding& finding) {
  if (handshake_ < 0 || finding.change.empty() || finding.change.is_of_the_past() || finding.certainty == "proven") return;
  if (!prove_by(Means::kRuntime, finding) && rerun_) prove_by(Means::kCommand, finding);
}

CaseJudge::Candidate CaseJudge::candidate(const rules::Rule& rule, rules::Fires fires) {
  Candidate out;
  Finding& finding = out.finding;
  finding.code = rule.code;
  finding.name = rule.name;
  finding.title = std::move(fires.title);
  finding.evidence = std::move(fires.evidence);
  finding.change = std::move(fires.change);
  finding.certainty = "suspected";
  finding.pid = case_.process.pid;
  if (handshake_ >= 0) finding.handshakes.push_back(handshake_);
  if (fires.proof) {
    finding.certainty = fires.proof->flipped ? "proven" : finding.certainty;
    finding.proof = std::move(fires.proof);
    return out;
  }
  out.state = settle(finding, fires.about);
  return out;
}

// Two causes at once: no change alone makes it work, two together do.
std::vector<Finding> CaseJudge::pair(std::vector<Candidate>& refuted) {
  for (std::size_t i = 0; i < refuted.size(); ++i)
    for (std::size_t j = i + 1; j < refuted.size(); ++j) {
      Finding first = refuted[i].finding, second = refuted[j].finding;
      if (first.change == second.change) continue;
      std::ranges::copy(second.change.edits, std::back_inserter(first.change.edits));
      first.proof.reset();
      if (settle(first, rules::About::kSetUp) != State::kHolds || first.certainty == "suspected") continue;
      second.change = first.change;
      second.proof = first.proof;
      second.certainty = first.certainty;
      return {std::move(first), std::move(second)};
    }
  return {};
}

std::vector<Finding> CaseJudge::findings(bool (*counts)(const rules::Rule&)) {
  std::vector<Candidate> holding, refuted;
  for (const rules::Rule* rule : rules::catalogue()) {
    if (!rules::concerns(*rule, case_) || (counts != nullptr && !counts(*rule))) continue;
    rules::Outcome outcome = rule->judge(case_);
    if (const auto* unknown = std::get_if<rules::Unknown>(&outcome)) unknown_.push_back(unknown->what + ": " + unknown->why);
    auto* fires = std::get_if<rules::Fires>(&outcome);
    if (fires == nullptr) continue;
    Candidate made = candidate(*rule, std::move(*fires));
    (made.state == State::kHolds ? holding : refuted).push_back(std::move(made));
  }
  if (holding.empty()) return pair(refuted);
  // What could not be tried does not tell more for being special.
  const auto telling = [](const Candidate& each) {
    const int certain = rank(each.finding.certainty);
    return std::pair(certain, certain == 0 ? 0 : specificity(each.finding.change));
  };
  // The first of equals: the catalogue's order.
  Finding& best = std::ranges::max_element(holding, std::ranges::less(), telling)->finding;
  prove_further(best);
  return {std::move(best)};
}

}  // namespace tlswhy::diagnose
