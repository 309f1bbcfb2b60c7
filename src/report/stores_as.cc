// What stacks would read and make of a chain: one in detail, several as a table.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "facts/reasons.h"
#include "report/stores.h"
#include "report/text.h"

namespace tlswhy::report {
namespace {

using base::printable;
using facts::Reason;

constexpr std::size_t kShown = 200;  // bytes of a text

std::string_view words_for(const facts::Stack& stack) { return stack.verdict_details ? facts::phrase_of(stack.verdict_details->reason) : ""; }

// An anchor may be among roots that nobody here has read.
bool may_hold_more(const facts::Stack& stack) {
  const bool no_anchor =
      stack.verdict_details && (stack.verdict_details->reason == Reason::kNoIssuer || stack.verdict_details->reason == Reason::kSelfSigned);
  return no_anchor && std::ranges::find(stack.sources, "bundled", &facts::Source::kind) != stack.sources.end();
}

constexpr std::string_view kUnread = "the roots compiled into it were not read";

// "no issuer of a certificate is found (depth 1, CN=ICA)"; "" for a chain that is trusted.
std::string why(const facts::Stack& stack) {
  if (stack.verdict == "ok") return "";
  if (stack.verdict == "unverified") return "it verifies nothing: any chain would do";
  if (stack.verdict == "refused") return stack.refusal.empty() ? "a store can't be loaded" : printable(stack.refusal, kShown);
  std::string out = stack.verdict_text.empty() ? std::string(words_for(stack)) : printable(stack.verdict_text, kShown);
  if (stack.verdict_details && !stack.verdict_details->certificate.empty())
    out += fmt::format(" (depth {}, {})", stack.verdict_details->depth, printable(stack.verdict_details->certificate, kShown));
  if (may_hold_more(stack)) out += fmt::format("; {}", kUnread);
  return out;
}

std::string sentence(const facts::Stack& stack) {
  if (stack.verdict == "ok") return "it would trust this chain";
  if (stack.verdict == "unverified") return "it verifies nothing as it is: it takes any chain, whoever signed it";
  if (stack.verdict == "refused") return "it would give up before it connects: a store can't be loaded";
  std::string out = fmt::format("it would refuse this chain: error {} ({})", stack.verdict, printable(stack.verdict_text, kShown));
  if (stack.verdict == "untrusted") out = "it would not trust this chain";
  if (stack.verdict == "untrusted" && !words_for(stack).empty()) out += fmt::format(": {}", words_for(stack));
  if (may_hold_more(stack)) out += fmt::format("; {}", kUnread);
  return out;
}

// The subjects from the leaf on, with a mark before the one that the verdict is about.
std::string path_text(const facts::Stack& stack, const Style& style) {
  if (!stack.verdict_details) return "";
  const facts::StackVerdict& details = *stack.verdict_details;
  std::string out;
  for (std::size_t depth = 0; depth < details.path.size(); ++depth) {
    const bool about = !details.certificate.empty() && static_cast<int>(depth) == details.depth;
    const std::string& subject = details.path[depth];
    out += fmt::format("  {} {} {}\n", about ? style.paint("bad", style.bad()) : " ", depth,
                       subject.empty() ? "(no subject)" : printable(subject, kShown));
  }
  return out;
}

std::string named(const facts::Stack& stack) { return printable(stack.model.empty() ? stack.name : stack.model, kShown); }

// How many of the stacks say so, and which.
template <typename Says>
std::string those(const findings::Report& report, std::string_view title, Says says) {
  std::vector<std::string> names;
  for (const facts::Stack& stack : report.facts.stacks)
    if (says(stack)) names.push_back(named(stack));
  return names.empty() ? "" : fmt::format("{} ({}): {}\n", title, names.size(), base::join(names, ", "));
}

std::string table_text(const findings::Report& report, const Style& style) {
  std::size_t width = 5;
  for (const facts::Stack& stack : report.facts.stacks) width = std::max(width, named(stack).size());
  std::string out = style.paint("head", fmt::format("{:<{}}  {:<10}  {}", "stack", width, "verdict", "why")) + "\n";
  for (const facts::Stack& stack : report.facts.stacks) {
    const std::string verdict = fmt::format("{:<10}", stack.verdict), reason = why(stack);
    out +=
        fmt::format("{:<{}}  {}", named(stack), width, style.paint(stack.verdict == "ok" ? "good" : "bad", reason.empty() ? stack.verdict : verdict));
    out += reason.empty() ? "\n" : "  " + reason + "\n";
  }
  const auto trusts = [](const facts::Stack& stack) { return stack.verdict == "ok"; };
  const auto verifies_nothing = [](const facts::Stack& stack) { return stack.verdict == "unverified"; };
  out += "\n" + those(report, "would trust this chain", trusts) + those(report, "verify nothing", verifies_nothing);
  out += those(report, "would not, unless by roots compiled into them", may_hold_more);
  return out +
         those(report, "would not", [&](const facts::Stack& stack) { return !trusts(stack) && !verifies_nothing(stack) && !may_hold_more(stack); });
}

std::string not_looked_at(const findings::Report& report, const Style& style) {
  std::string out;
  for (const std::string& sentence : report.facts.unseen)
    out += (out.empty() ? style.paint("head", "Not looked at") + "\n" : "") + fmt::format("  {} {}\n", style.dot(), printable(sentence, 500));
  return out;
}

}  // namespace

std::string stores_as_report(const findings::Report& report, const Style& style) {
  const std::vector<facts::Stack>& stacks = report.facts.stacks;
  const bool several = stacks.size() > 1;
  if (several && std::ranges::all_of(stacks, [](const facts::Stack& stack) { return stack.verdict_details.has_value(); }))
    return table_text(report, style) + not_looked_at(report, style);
  std::string out;
  for (const facts::Stack& stack : stacks) {
    if (several) out += style.paint("head", named(stack)) + "\n";
    out += sources_text(stack, style);
    if (!stack.verdict.empty()) out += sentence(stack) + "\n";
    out += path_text(stack, style);
  }
  return out + not_looked_at(report, style);
}

}  // namespace tlswhy::report
