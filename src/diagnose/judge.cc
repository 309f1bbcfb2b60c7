#include "diagnose/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "diagnose/case_judge.h"
#include "facts/outcome.h"
#include "facts/reasons.h"
#include "fix/remedy.h"
#include "rules/process_rules.h"

namespace tlswhy::diagnose {
namespace {

using findings::Means;

class Judge {
 public:
  Judge(facts::Facts facts, prove::Laboratory& laboratory, const JudgeOptions& options)
      : facts_(std::move(facts)), notebook_(laboratory), options_(options) {}

  findings::Report run() {
    for (std::size_t i = 0; i < facts_.handshakes.size(); ++i)
      if (facts_.handshakes[i].result == "failed") failed_handshake(static_cast<std::int64_t>(i));
    for (const facts::Process& process : facts_.processes) before_handshake(process.pid);
    // Nothing could be watched, or nothing was asked for but the set-up.
    if (facts_.handshakes.empty() && (facts_.untraced || options_.setup)) set_up();
    findings::Report report;
    report.outcome = !refused_early_.empty() ? "failed" : outcome_of(facts_);
    report.findings = std::move(findings_);
    report.trials = notebook_.take();
    report.facts = std::move(facts_);
    facts::explain_leaving(report.facts, refused_early_);
    facts::fold(report.facts.unseen);
    return report;
  }

 private:
  void unseen(std::string what) { facts_.unseen.push_back(std::move(what)); }

  [[nodiscard]] const facts::Stack& stack_of(std::int64_t index) const {
    static const facts::Stack unknown;
    return index < 0 ? unknown : facts_.stacks[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] const facts::Process& process_of(std::int32_t pid) const {
    static const facts::Process unknown;
    const facts::Process* found = facts_.process(pid);
    return found != nullptr ? *found : unknown;
  }

  // Whether the client's alert may mean this.
  static bool agrees(const facts::Handshake& shake, facts::Reason reason) {
    const facts::Reason told = shake.alert ? facts::reason_of_alert(*shake.alert) : facts::Reason::kUnknown;
    if (told == facts::Reason::kProtocol) return reason == facts::Reason::kNotParsed;  // decode_error
    return told == facts::Reason::kUnknown || told == facts::Reason::kOther || told == reason;
  }

  // The model's verdict on the chain and the name, where nothing else tells why the client left, and what it said of that agrees.
  bool complete_by_model(std::int64_t index) {
    facts::Handshake& shake = facts_.handshakes[static_cast<std::size_t>(index)];
    const bool by_client = shake.alert ? shake.alert->sender == "client" : shake.ended_by == "client";
    if (!by_client || shake.chain.empty()) return false;
    findings::Change name;
    if (!shake.servername.empty()) name.edits.push_back({findings::EditKind::kPeerName, "", shake.servername});
    const findings::Trial& asked = notebook_.ask(Means::kModel, index, shake.stack_index, name);
    if (!asked.answer || asked.answer->ok) return false;
    if (!agrees(shake, asked.answer->reason)) return false;
    shake.verify = facts::Verify{asked.answer->code, asked.answer->text, asked.answer->depth, "model", asked.answer->reason};
    shake.reason = facts::reason_of(shake);
    return true;
  }

  // What the library says of the chain, where the process's own verdict was not seen.
  void complete(std::int64_t index) {
    facts::Handshake& shake = facts_.handshakes[static_cast<std::size_t>(index)];
    if (shake.verify || shake.stack_index < 0) return;
    // An alert of the protocol says nothing of the chain, unless a certificate could not be read.
    if (facts::is_beside_chain(facts::reason_of(shake))) return static_cast<void>(complete_by_model(index));
    const findings::Trial& asked = notebook_.ask(Means::kLibrary, index, shake.stack_index, {});
    if (asked.answer) {
      shake.verify = facts::Verify{asked.answer->code, asked.answer->text, asked.answer->depth, "library", asked.answer->reason};
      shake.reason = facts::reason_of(shake);
    } else if (!complete_by_model(index)) {
      unseen(fmt::format("what the library says of the chain of {}: {}", shake.peer, asked.trouble));
    }
  }

  void failed_handshake(std::int64_t index) {
    complete(index);
    const facts::Handshake& shake = facts_.handshakes[static_cast<std::size_t>(index)];
    // Of a capture without a chain nothing can be said, and which stack it was nobody expects to be told.
    if (!shake.client.empty() && shake.stack_index < 0 && shake.chain.empty() && !facts::is_beside_chain(facts::reason_of(shake))) return;
    if (known(index)) return;
    const rules::Case one{facts_, stack_of(shake.stack_index), process_of(shake.pid), &shake};
    CaseJudge judge(one, index, shake.stack_index, notebook_, options_.rerun);
    auto found = judge.findings();
    if (found.empty()) return no_cause(index, judge.unknown());
    for (findings::Finding& finding : found) {
      offer(finding, index, shake.stack_index);
      findings_.push_back(std::move(finding));
    }
  }

  // The same process, stack, verdict and chain as an earlier finding's: one cause, more handshakes.
  bool known(std::int64_t index) {
    const facts::Handshake& shake = facts_.handshakes[static_cast<std::size_t>(index)];
    const auto code = [](const facts::Handshake& one) { return one.verify ? std::optional(one.verify->code) : std::nullopt; };
    const auto anchor = [](const facts::Handshake& one) { return one.anchor ? one.anchor->subject : ""; };
    const auto leaf = [](const facts::Handshake& one) { return one.chain.empty() ? "" : one.chain.front().sha256; };
    for (findings::Finding& finding : findings_) {
      if (finding.handshakes.empty()) continue;
      const auto& first = facts_.handshakes[static_cast<std::size_t>(finding.handshakes.front())];
      if (first.stack_index != shake.stack_index || first.pid != shake.pid || code(first) != code(shake) || anchor(first) != anchor(shake)) continue;
      if (!facts::wants_anchor(shake) && leaf(first) != leaf(shake)) continue;
      const bool same_peer = first.peer == shake.peer || !facts::is_beside_chain(shake.reason);
      if (first.reason != shake.reason || !same_peer) continue;
      finding.handshakes.push_back(index);
      return true;
    }
    return false;
  }

  void no_cause(std::int64_t index, const std::vector<std::string>& unknown) {
    const facts::Handshake& shake = facts_.handshakes[static_cast<std::size_t>(index)];
    if (shake.stack_index < 0 && shake.client.empty()) unseen(fmt::format("which TLS stack the handshake with {} went through", shake.peer));
    for (const std::string& sentence : unknown) unseen(sentence);
    const facts::Stack& stack = stack_of(shake.stack_index);
    if (shake.alert && shake.alert->sender == "server")
      return unseen(
          fmt::format("why {} ended the handshake{}: none of the causes that tlswhy knows fits (`tlswhy codes`)", shake.peer, alert_of(shake)));
    if (const std::string loaded = loaded_stores(stack); stack.own_stores && !loaded.empty() && facts::wants_anchor(shake)) {
      const char* defaults = stack.default_holds_anchor.value_or(false) ? ", which have it" : "";
      return unseen(fmt::format("why {} was refused: the program loaded a store of its own ({}) and not its library's default places{}", shake.peer,
                                loaded, defaults));
    }
    unseen(fmt::format("why the handshake with {} failed: none of the causes that tlswhy knows fits (`tlswhy codes`)", shake.peer));
  }

  static std::string alert_of(const facts::Handshake& shake) {
    if (shake.alert->encrypted) return " with an alert that can't be read";
    return fmt::format(" with alert {} ({})", shake.alert->code.value_or(0), shake.alert->name);
  }

  // "/x.pem by X509_STORE_load_file_ex", as seen in the process.
  static std::string loaded_stores(const facts::Stack& stack) {
    std::string out;
    for (const facts::Loaded& one : stack.loaded) {
      const std::string what = one.what == "list" ? fmt::format("{} certificates", one.anchors) : one.path;
      out += fmt::format("{}{} by {}", out.empty() ? "" : ", ", what, one.by);
    }
    return out;
  }

  // Tries each fix as it is printed: by a handshake with the peer, else by the chain in the library, else by the model.
  void offer(findings::Finding& finding, std::int64_t index, std::int64_t stack) {
    for (findings::Fix& fix : fix::offers_for(finding, facts_)) {
      // What is not on this machine can't be tried on it.
      if (fix.change.empty()) {
        finding.fixes.push_back(std::move(fix));
        continue;
      }
      const auto passes = [&](Means means) {
        const findings::Trial& asked = notebook_.ask(means, index, stack, fix.change);
        return asked.answer && asked.answer->ok;
      };
      // Without a handshake the library says whether it begins, which is something only where that was in question.
      const bool begins = index < 0 && finding.proof && finding.proof->flipped && finding.proof->means == Means::kLibrary;
      if (index >= 0 && passes(Means::kHandshake))
        fix.verified_by = "a handshake with " + facts_.handshakes[static_cast<std::size_t>(index)].peer + " in this library";
      else if (index >= 0 && passes(Means::kLibrary))
        fix.verified_by = "the chain in this library";
      else if (index >= 0 && passes(Means::kRuntime))
        fix.verified_by =
            fmt::format("a handshake with {} by {}", facts_.handshakes[static_cast<std::size_t>(index)].peer, process_of(finding.pid).exe);
      else if (options_.rerun && index >= 0 && passes(Means::kCommand))
        fix.verified_by = "the command itself, run again";
      else if (begins && passes(Means::kLibrary))
        fix.verified_by = "this library, which begins";
      fix.verified = !fix.verified_by.empty();
      // What a model says of stores is nothing to a library that does not begin.
      const bool asks_model = index >= 0 || finding.certainty == "supported";
      if (!fix.verified && asks_model && passes(Means::kModel)) fix.verified_by = "the model of " + stack_of(stack).name + " only";
      finding.fixes.push_back(std::move(fix));
    }
  }

  // A process that failed without a handshake.
  void before_handshake(std::int32_t pid) {
    const facts::Process* process = facts_.process(pid);
    // curl says hello before it loads its store.
    const bool talked = std::ranges::any_of(facts_.handshakes, [&](const auto& shake) {
      return shake.pid == pid && !shake.offered.empty() && (shake.result != "incomplete" || shake.ended_by != "client");
    });
    if (process == nullptr || talked || !gave_up(*process)) return;
    const bool failed = process->exit_code.value_or(0) != 0 && facts_.target.exit_code.value_or(0) != 0;
    if (failed && could_not_begin(*process)) return;
    if (!looked_for_store(*process) && failed) told_by(*process);
  }

  // No stack of it is known to have asked for the store, and it said that it could not read it.
  void told_by(const facts::Process& process) { (void)told_before_handshake(process, -1, rules::hears_the_program); }

  // What rules find of a process without a handshake, with what its stack, -1 for none, says of it.
  bool told_before_handshake(const facts::Process& process, std::int64_t stack, bool (*counts)(const rules::Rule&)) {
    const rules::Case one{facts_, stack_of(stack), process, nullptr};
    CaseJudge judge(one, -1, stack, notebook_, false);
    auto found = judge.findings(counts);
    for (findings::Finding& finding : found) {
      offer(finding, -1, stack);
      findings_.push_back(std::move(finding));
    }
    if (!found.empty()) refused_early_.insert(process.pid);
    return !found.empty();
  }

  // Its library, configuration, key or descriptors failed it: with what each library of it would do alone, then by what was seen of it.
  bool could_not_begin(const facts::Process& process) {
    std::vector<std::int64_t> stacks;
    for (std::size_t i = 0; i < facts_.stacks.size(); ++i)
      if (facts_.stacks[i].pid == process.pid && facts_.stacks[i].base) stacks.push_back(static_cast<std::int64_t>(i));
    stacks.push_back(-1);
    return std::ranges::any_of(stacks, [&](std::int64_t index) { return told_before_handshake(process, index, rules::is_early); });
  }

  // It looked in vain for what a stack of it can't do without.
  bool looked_for_store(const facts::Process& process) {
    const std::int32_t pid = process.pid;
    for (std::size_t i = 0; i < facts_.stacks.size(); ++i) {
      const facts::Stack& stack = facts_.stacks[i];
      const bool seen = stack.pid == pid && failed_to_load(stack, [](const auto& source) { return source.kind == "explicit"; });
      if (stack.pid != pid || (!seen && !looked_in_vain(stack))) continue;
      const auto index = static_cast<std::int64_t>(i);
      const findings::Trial& asked = notebook_.ask(Means::kModel, -1, index, {});
      if (!seen && (!asked.answer || asked.answer->ok)) continue;
      refused_early_.insert(pid);
      if (!told_before_handshake(process, index, nullptr))
        unseen(fmt::format("why {} gave up before it connected: {}", stack.name, asked.answer ? asked.answer->text : asked.trouble));
      return true;
    }
    return false;
  }

  // It failed, and the command with it or for want of a store that somebody named; or it connected, found that it had none, and left without a
  // word.
  [[nodiscard]] bool gave_up(const facts::Process& process) const {
    const bool without_store = std::ranges::any_of(facts_.stacks, [&](const facts::Stack& stack) {
      return stack.pid == process.pid && failed_to_load(stack, [](const auto& source) { return source.kind != "compiled"; });
    });
    if (process.exit_code.value_or(0) != 0) return without_store || facts_.target.exit_code.value_or(0) != 0;
    return without_store && std::ranges::any_of(facts_.connections,
                                                [&](const facts::Connection& one) { return one.pid == process.pid && one.error == facts::kNoData; });
  }

  // A store of this kind that its library was seen to fail to load.
  template <typename Kind>
  [[nodiscard]] bool failed_to_load(const facts::Stack& stack, Kind counts) const {
    return std::ranges::any_of(stack.sources, [&](const facts::Source& source) {
      return counts(source) && source.status != "ok" && std::ranges::any_of(facts_.trust_calls, [&](const facts::TrustCall& call) {
               return call.pid == stack.pid && call.result.value_or(1) <= 0 && std::ranges::find(call.arguments, source.path) != call.arguments.end();
             });
    });
  }

  // The process itself met the error at one of the stack's places.
  [[nodiscard]] bool looked_in_vain(const facts::Stack& stack) const {
    return std::ranges::any_of(stack.sources, [&](const facts::Source& source) {
      return source.status != "ok" && source.status != "ignored" && std::ranges::any_of(facts_.lookups, [&](const facts::Lookup& lookup) {
               return lookup.pid == stack.pid && lookup.path == source.path && (!lookup.error.empty() || source.error.empty());
             });
    });
  }

  void set_up() {
    for (std::size_t i = 0; i < facts_.stacks.size(); ++i) {
      const facts::Stack& stack = facts_.stacks[i];
      if (stack.sources.empty() || !stack.over.empty()) continue;
      const rules::Case one{facts_, stack, process_of(stack.pid), nullptr};
      CaseJudge judge(one, -1, static_cast<std::int64_t>(i), notebook_, false);
      for (findings::Finding& finding : judge.findings()) {
        finding.fixes = fix::offers_for(finding, facts_);
        finding.certainty = "suspected";  // no chain was judged
        finding.proof.reset();
        findings_.push_back(std::move(finding));
      }
    }
  }

  facts::Facts facts_;
  Notebook notebook_;
  JudgeOptions options_;
  std::vector<findings::Finding> findings_;
  std::set<std::int32_t> refused_early_;  // processes that gave up before they connected
};

}  // namespace

std::string outcome_of(const facts::Facts& facts) {
  const auto has = [&](const char* result) {
    return std::ranges::find(facts.handshakes, result, &facts::Handshake::result) != facts.handshakes.end();
  };
  if (has("failed")) return "failed";
  if (facts.untraced || has("incomplete")) return "unknown";
  if (std::ranges::any_of(facts.handshakes, [&](const auto& one) { return facts::left_unused(facts, one) || facts::left_unanswered(facts, one); }))
    return "unknown";
  if (has("ok")) return "ok";
  if (std::ranges::any_of(facts.connections, [&](const auto& one) { return facts::left_silent(facts, one); })) return "unknown";
  // A clear-text conversation that went through: nothing about trust can be wrong there.
  const bool talked = std::ranges::any_of(facts.connections, [](const auto& one) { return one.error.empty(); });
  return talked ? "ok" : "no_tls";
}

findings::Report judge(facts::Facts facts, prove::Laboratory& laboratory, const JudgeOptions& options) {
  return Judge(std::move(facts), laboratory, options).run();
}

}  // namespace tlswhy::diagnose
