#include "diagnose/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnose/neighbours.h"
#include "diagnose/trial.h"
#include "fix/remedy.h"
#include "rules/rule.h"

namespace tlswhy::diagnose {
namespace {

facts::ProofRun describe(std::string label, const prove::LibraryAnswer& answer) {
  return {std::move(label), answer.ok, answer.code, answer.text, answer.depth};
}

class Judge {
 public:
  Judge(Analysis analysis, const JudgeOptions& options) : analysis_(std::move(analysis)), options_(options) {}

  facts::Report run() {
    for (std::size_t i = 0; i < facts().handshakes.size(); ++i)
      if (facts().handshakes[i].result == "failed") failed_handshake(i);
    if (facts().handshakes.empty() && (blind() || options_.setup)) without_handshake();
    facts::Report report;
    report.outcome = outcome_of(analysis_.facts);
    if (report.outcome == "failed") report.neighbours = neighbours(analysis_);
    report.findings = std::move(findings_);
    report.facts = std::move(analysis_.facts);
    return report;
  }

 private:
  facts::Facts& facts() { return analysis_.facts; }
  void unseen(std::string what) { facts().unseen.push_back(std::move(what)); }

  // Nothing could be watched, so the set-up alone is judged.
  [[nodiscard]] bool blind() const { return analysis_.facts.untraced; }

  void failed_handshake(std::size_t index) {
    facts::Handshake& shake = facts().handshakes[index];
    if (shake.stack_index < 0 && !shake.stack.empty())
      return unseen(fmt::format("where {} looks for anchors: tlswhy watches this stack but has no model of it yet", shake.stack));
    if (shake.stack_index < 0) return unseen(fmt::format("which TLS stack the handshake with {} went through", shake.peer));
    const Trial trial(analysis_, index, static_cast<std::size_t>(shake.stack_index));
    const auto before = trial.verify({});
    if (before && !shake.verify) shake.verify = facts::Verify{before->code, before->text, before->depth, "library"};
    if (!before && !shake.verify) unseen(fmt::format("what the library says of the chain of {}: {}", shake.peer, before.error().message));
    if (known(index)) return;
    const rules::Case one = case_for(shake);
    for (const rules::Rule* rule : rules::catalogue()) {
      auto finding = rule->judge(one);
      if (!finding || !prove(*finding, trial, shake, one.stack.path, before)) continue;
      finding->handshakes.push_back(static_cast<std::int64_t>(index));
      offer(*finding, trial, shake);
      findings_.push_back(std::move(*finding));
      return;
    }
    no_cause(shake, before.has_value() && before->ok);
  }

  void no_cause(const facts::Handshake& shake, bool passes) {
    if (passes && shake.verify && shake.verify->seen_by == "process")
      return unseen(fmt::format(
          "why {} was refused: the process found error {}{}, but its library accepts the chain with its default store, so the program loaded a "
          "store of its own{}",
          shake.peer, shake.verify->code, shake.verify->text.empty() ? "" : " (" + shake.verify->text + ")", loaded_stores(shake)));
    if (passes)
      return unseen(
          fmt::format("why {} was refused: its library accepts the chain with its default store, so the program uses a "
                      "store of its own, or refuses the name or something else",
                      shake.peer));
    unseen(fmt::format("why the handshake with {} failed: none of the causes that tlswhy knows fits (`tlswhy codes`)", shake.peer));
  }

  // ": X509_STORE_load_locations(/x.pem)", as seen in the process.
  [[nodiscard]] std::string loaded_stores(const facts::Handshake& shake) const {
    std::string out;
    for (const facts::TrustCall& call : analysis_.facts.trust_calls)
      if (call.pid == shake.pid && !call.arguments.empty() && call.result)
        out += fmt::format("{}{}({})", out.empty() ? ": " : ", ", call.call, base::join(call.arguments, ", "));
    return out;
  }

  // The same process, stack and verification result as an earlier finding: one cause, more handshakes.
  bool known(std::size_t index) {
    const facts::Handshake& shake = facts().handshakes[index];
    for (facts::Finding& finding : findings_) {
      const auto& first = facts().handshakes[static_cast<std::size_t>(finding.handshakes.front())];
      const bool same_verify = first.verify.has_value() == shake.verify.has_value() && (!shake.verify || first.verify->code == shake.verify->code);
      const bool same_anchor = (first.anchor ? first.anchor->subject : "") == (shake.anchor ? shake.anchor->subject : "");
      if (first.stack_index != shake.stack_index || !same_verify || !same_anchor) continue;
      finding.handshakes.push_back(static_cast<std::int64_t>(index));
      return true;
    }
    return false;
  }

  rules::Case case_for(const facts::Handshake& shake) {
    const auto stack = static_cast<std::size_t>(shake.stack_index);
    return {facts(), facts().stacks[stack], analysis_.stacks[stack].process->process, &shake};
  }

  // True unless the change was tried and did not turn failure into success: then this is not the cause.
  bool prove(facts::Finding& finding, const Trial& trial, const facts::Handshake& shake, const std::string& library,
             const base::Result<prove::LibraryAnswer>& before) {
    if (finding.change.text().empty()) return true;
    facts::Proof proof;
    proof.library = library;
    proof.changed = finding.change.text();
    const auto after = before && !finding.change.fresh ? trial.verify(finding.change) : before;
    if (!before || !after) {
      proof.trouble = (before ? after : before).error().message;
      finding.certainty = "supported";
      finding.proof = std::move(proof);
      return true;
    }
    proof.before = describe("as it was", *before);
    // What the process itself found can't be had again: it stands as it was seen.
    if (finding.change.fresh && shake.verify)
      proof.before = {"in the process", shake.verify->code == 0, shake.verify->code, shake.verify->text, shake.verify->depth};
    proof.after = describe(proof.changed, *after);
    proof.flipped = !proof.before.ok && after->ok;
    finding.certainty = proof.flipped ? "proven" : finding.certainty;
    finding.proof = std::move(proof);
    return finding.proof->flipped;
  }

  void offer(facts::Finding& finding, const Trial& trial, const facts::Handshake& shake) {
    for (fix::Offer& one : fix::offers_for(finding, facts())) {
      const auto shaken = options_.probe ? trial.handshake(one.change) : trial.verify(one.change);
      one.fix.verified = shaken && shaken->ok;
      if (one.fix.verified)
        one.fix.verified_by = options_.probe ? "a handshake with " + shake.peer + " in this library" : "the chain in this library";
      if (!one.fix.verified && finding.certainty == "proven") {
        const auto chain = trial.verify(one.change);
        one.fix.verified = chain && chain->ok;
        if (one.fix.verified) one.fix.verified_by = "the chain in this library (the peer could not be asked again)";
      }
      finding.fixes.push_back(std::move(one.fix));
    }
  }

  void without_handshake() {
    for (std::size_t i = 0; i < facts().stacks.size(); ++i) {
      const rules::Case one{facts(), facts().stacks[i], analysis_.stacks[i].process->process, nullptr};
      if (one.stack.name != "OpenSSL") continue;
      for (const rules::Rule* rule : rules::catalogue()) {
        auto finding = rule->judge(one);
        if (!finding) continue;
        finding->certainty = "suspected";
        for (fix::Offer& each : fix::offers_for(*finding, facts())) finding->fixes.push_back(std::move(each.fix));
        findings_.push_back(std::move(*finding));
        break;
      }
    }
  }

  Analysis analysis_;
  JudgeOptions options_;
  std::vector<facts::Finding> findings_;
};

}  // namespace

std::string outcome_of(const facts::Facts& facts) {
  const auto has = [&](const char* result) {
    return std::ranges::find(facts.handshakes, result, &facts::Handshake::result) != facts.handshakes.end();
  };
  if (has("failed")) return "failed";
  if (facts.untraced || has("incomplete")) return "unknown";
  if (has("ok")) return "ok";
  // A clear-text conversation that went through: nothing about trust can be wrong there.
  const bool talked = std::ranges::any_of(facts.connections, [](const auto& one) { return one.error.empty(); });
  return talked ? "ok" : "no_tls";
}

facts::Report judge(Analysis analysis, const JudgeOptions& options) { return Judge(std::move(analysis), options).run(); }

}  // namespace tlswhy::diagnose
