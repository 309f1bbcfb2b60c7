#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/outcome.h"
#include "report/handshakes.h"

namespace tlswhy::report {
namespace {

using base::printable;

std::string count(std::size_t number, std::string_view noun) { return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s"); }

std::string name_of(const facts::Handshake& shake) {
  return shake.servername.empty() ? shake.peer : fmt::format("{} ({})", shake.servername, shake.peer);
}

class Text {
 public:
  Text(const findings::Report& report, const Style& style) : report_(report), style_(style) {}

  std::string run() {
    verdict();
    for (const findings::Finding& finding : report_.findings) show(finding);
    if (report_.findings.empty()) failed_without_cause();
    list("Works here", report_.neighbours);
    list("Not seen", report_.facts.unseen);
    return std::move(out_);
  }

 private:
  void line(const std::string& text = "") { out_ += text + "\n"; }
  void head(std::string_view text) { line(), line(style_.paint("head", text)); }

  void list(std::string_view title, const std::vector<std::string>& entries) { out_ += titled_list(style_.paint("head", title), entries, style_); }

  void verdict() {
    const auto& shakes = report_.facts.handshakes;
    const auto good = static_cast<std::size_t>(std::ranges::count(shakes, "ok", &facts::Handshake::result));
    if (report_.outcome == "ok") {
      const auto clear =
          static_cast<std::size_t>(std::ranges::count_if(report_.facts.connections, [](const auto& one) { return !one.tls && one.error.empty(); }));
      std::string what = good > 0 ? count(good, "TLS handshake") + " completed" : "no TLS failure";
      if (clear > 0) what += ", " + count(clear, "connection") + " in clear text";
      return line(fmt::format("tlswhy: {}  {}", style_.paint("good", "OK"), what));
    }
    if (report_.outcome == "no_tls") return line("tlswhy: NO TLS  the command made no TLS connection");
    const std::string word = report_.outcome == "failed" ? "FAILED" : "UNKNOWN";
    if (report_.findings.empty()) {
      const auto bad = shakes.size() - good;
      return line(fmt::format("tlswhy: {}  {}", style_.paint("bad", word), bad > 0 ? count(bad, "TLS handshake") + " did not complete" : unknown()));
    }
    const findings::Finding& first = report_.findings.front();
    line(fmt::format("tlswhy: {}  {}", style_.paint("bad", word), printable(first.title, 400)));
    line(fmt::format("        {} {}, {}", first.code, first.name, first.certainty));
  }

  // Why nothing is known although no handshake failed.
  [[nodiscard]] std::string unknown() const {
    const auto unused = std::ranges::count_if(report_.facts.handshakes, [&](const auto& one) { return facts::left_unused(report_.facts, one); });
    if (unused > 0) return count(static_cast<std::size_t>(unused), "TLS handshake") + " completed, but the command sent nothing and failed";
    const auto early = std::ranges::count_if(report_.facts.handshakes, [&](const auto& one) { return facts::left_unanswered(report_.facts, one); });
    if (early > 0) return count(static_cast<std::size_t>(early), "TLS handshake") + " completed, but the command left without an answer and failed";
    return report_.facts.untraced ? "the command could not be watched" : "the command connected, sent nothing and failed";
  }

  void shakes_of(const std::vector<std::int64_t>& indices) {
    for (const std::int64_t& index : indices) {
      const facts::Handshake& shake = report_.facts.handshakes[static_cast<std::size_t>(index)];
      const std::string version = shake.version.empty() ? "TLS" : shake.version;
      line(fmt::format("  {} {} handshake with {}: {}", style_.paint("bad", style_.bad()), version, name_of(shake), ending(shake)));
      if (&index != &indices.front()) continue;
      verdict_of(shake);
      if (shake.chain_from == "probe") line("      the chain that a probe got, not this handshake's:");
      for (const facts::Certificate& one : shake.chain) line(fmt::format("      {} {}", one.ca ? "ca  " : "leaf", printable(one.subject, 200)));
    }
  }

  // Who says so.
  static const char* judge_of(const facts::Handshake& shake) {
    if (shake.verify->seen_by != "model") return "its library said:";
    if (shake.verify->reason == facts::Reason::kName) return "its name:";
    return shake.stack_index < 0 ? "by the chain alone:" : "by the stack's model:";
  }

  // What the program's own library found, as it happened.
  void verdict_of(const facts::Handshake& shake) {
    if (!shake.verify || shake.verify->seen_by == "library") return;
    const facts::Verify& verify = *shake.verify;
    std::string text = verify.text;
    if (text.empty()) text = verify.reason == facts::Reason::kAccepted ? "ok" : fmt::format("error {}", verify.code);
    if (verify.code > 0) text = fmt::format("{} at depth {}: {}", verify.code, verify.depth, text);
    if (shake.anchors_loaded) text += fmt::format(", with {} in its store", count(*shake.anchors_loaded, "anchor"));
    line(fmt::format("      {} {}", judge_of(shake), printable(text, 300)));
  }

  void show(const findings::Finding& finding) {
    if (&finding != &report_.findings.front()) {
      line();
      line(fmt::format("{}  {} {}, {}", printable(finding.title, 400), finding.code, finding.name, finding.certainty));
    }
    head("Why");
    shakes_of(finding.handshakes);
    for (const findings::Evidence& one : finding.evidence) evidence(one);
    why_loaded(finding);
    if (finding.proof) proof(finding);
    if (!finding.fixes.empty()) fixes(finding.fixes);
  }

  void evidence(const findings::Evidence& one) {
    const bool bad = !one.error.empty();
    const std::string mark = bad ? style_.paint("bad", style_.bad()) : std::string(style_.dot());
    std::string place = one.path.empty() || one.text.find(one.path) != std::string::npos ? "" : printable(one.path, 300);
    if (bad) place += (place.empty() ? "" : "  ") + style_.paint("bad", one.error);
    if (place.empty()) return line(fmt::format("  {} {}", mark, printable(one.text, 600)));
    line(fmt::format("  {} {}", mark, place));
    line(fmt::format("      {}", printable(one.text, 600)));
  }

  void why_loaded(const findings::Finding& finding) {
    const std::string library = library_of(finding);
    const facts::Process* process = report_.facts.process(finding.pid);
    if (process != nullptr && process->exe == library) return;
    for (const facts::Stack& stack : report_.facts.stacks) {
      if (stack.pid != finding.pid || stack.path != library || stack.why_loaded.empty()) continue;
      return line(fmt::format("  {} {} serves this process: {}", style_.dot(), printable(stack.path, 300), printable(stack.why_loaded, 300)));
    }
  }

  // The file whose code verified the chain, or would have.
  [[nodiscard]] std::string library_of(const findings::Finding& finding) const {
    if (!finding.handshakes.empty())
      if (const auto& shake = report_.facts.handshakes[static_cast<std::size_t>(finding.handshakes.front())]; !shake.library.empty())
        return shake.library;
    return finding.proof ? finding.proof->library : "";
  }

  void run_line(const findings::ProofRun& run, std::string_view works) {
    // Without a number it is a stack's model that speaks, or a store that was not loaded: no depth is known.
    const std::string text = run.code == 0 ? run.text : fmt::format("{} at depth {}: {}", run.code, run.depth, run.text);
    const std::string result =
        run.ok ? style_.paint("good", fmt::format("{} {}", style_.good(), works)) : style_.paint("bad", fmt::format("{} {}", style_.bad(), text));
    line(fmt::format("  {:<58} {}", printable(run.label, 200), result));
  }

  // "The same chain", "in a sandboxed copy of".
  static std::pair<const char*, const char*> tried(findings::Means means, bool set_up) {
    const char* chain = set_up ? "Its set-up" : "The same chain";
    switch (means) {
      case findings::Means::kModel: return {chain, "put to the model of the stack in"};
      case findings::Means::kCommand: return {"The command itself run again,", "in it"};
      case findings::Means::kRuntime: return {"A handshake with the same peer", "by"};
      default: return {chain, "in a sandboxed copy of"};
    }
  }

  void proof(const findings::Finding& finding) {
    const findings::Proof& proof = *finding.proof;
    head("Proof");
    if (!proof.trouble.empty()) return line(fmt::format("  {} not run: {}", style_.dot(), printable(proof.trouble, 300)));
    if (proof.means == findings::Means::kHandshake) {
      line("  The peer was asked again, one thing changed:");
      run_line(proof.before, "answers");
      return run_line(proof.after, "answers");
    }
    const auto [what, where] = tried(proof.means, finding.handshakes.empty());
    line(fmt::format("  {} {} {}, one thing changed:", what, where, printable(proof.library, 300)));
    const char* works = finding.handshakes.empty() ? "loads its store" : "verifies";
    run_line(proof.before, works);
    run_line(proof.after, works);
  }

  [[nodiscard]] std::string standing(const findings::Fix& fix) const {
    if (fix.verified) return style_.paint("good", fmt::format("verified by {}", fix.verified_by));
    return fix.verified_by.empty() ? "not verified" : fmt::format("not run; it works by {}", fix.verified_by);
  }

  void fixes(const std::vector<findings::Fix>& fixes) {
    head("Fix");
    int number = 1;
    for (const findings::Fix& one : fixes) {
      line(fmt::format("  {} {}: {}", number++, one.title, standing(one)));
      line(fmt::format("      {}", printable(one.command, 2000)));
    }
  }

  void failed_without_cause() {
    std::vector<std::int64_t> failed;
    for (std::size_t i = 0; i < report_.facts.handshakes.size(); ++i)
      if (const auto& shake = report_.facts.handshakes[i];
          shake.result != "ok" || facts::left_unused(report_.facts, shake) || facts::left_unanswered(report_.facts, shake))
        failed.push_back(static_cast<std::int64_t>(i));
    if (failed.empty()) return;
    head("Seen");
    shakes_of(failed);
    for (const facts::Stack* stack : stacks_of(failed)) {
      const std::string version = stack->version.empty() ? "" : " " + stack->version;
      line(fmt::format("  {} {}{} ({}) reads:", style_.dot(), stack->name, version, printable(stack->path, 300)));
      out_ += sources_text(*stack, style_);
    }
  }

  // Those that the handshakes went through; where that is not known, all that may have been.
  [[nodiscard]] std::vector<const facts::Stack*> stacks_of(const std::vector<std::int64_t>& handshakes) const {
    std::vector<const facts::Stack*> out;
    const auto& all = report_.facts.stacks;
    for (const std::int64_t index : handshakes) {
      const std::int64_t at = report_.facts.handshakes[static_cast<std::size_t>(index)].stack_index;
      const auto* stack = at < 0 ? nullptr : &all[static_cast<std::size_t>(at)];
      if (stack != nullptr && !stack->sources.empty() && std::ranges::find(out, stack) == out.end()) out.push_back(stack);
    }
    if (!out.empty()) return out;
    for (const facts::Stack& stack : all)
      if (!stack.sources.empty() && stack.over.empty()) out.push_back(&stack);
    return out;
  }

  const findings::Report& report_;
  const Style& style_;
  std::string out_;
};

}  // namespace

std::string text(const findings::Report& report, const Style& style) { return Text(report, style).run(); }

std::string sources_text(const facts::Stack& stack, const Style& style) {
  std::string out;
  for (const facts::Source& source : stack.sources) {
    const bool good = source.status == "ok";
    const std::string label = source.variable.empty() ? source.kind : source.variable;
    const std::string mark = good                         ? style.paint("good", style.good())
                             : source.status == "ignored" ? std::string(style.dot())
                                                          : style.paint("bad", style.bad());
    std::string line = fmt::format("  {} {:<13} {:<10} {}{}{}", mark, label, source.what, printable(source.path, 300),
                                   source.path.empty() ? "" : "  ", source.status);
    if (!source.error.empty()) line += " (" + source.error + ")";
    const bool uncounted = source.what == "list" && source.anchors == 0;
    if (good) line += uncounted ? ", compiled in, not counted" : fmt::format(", {} anchor{}", source.anchors, source.anchors == 1 ? "" : "s");
    if (!source.detail.empty()) line += ", " + printable(source.detail, 200);
    for (const std::string& link : source.links) line += "\n      " + printable(link, 300);
    out += line + "\n";
  }
  return out;
}

}  // namespace tlswhy::report
