#include "report/handshakes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "facts/outcome.h"
#include "report/text.h"

namespace tlswhy::report {
namespace {

using base::printable;

std::string peer_of(const facts::Handshake& shake) {
  std::string out = shake.servername.empty() ? shake.peer : fmt::format("{} ({})", shake.servername, shake.peer);
  if (!shake.client.empty()) out = fmt::format("{} from {}", out, shake.client);
  return shake.via.empty() ? out : out + " after " + printable(shake.via, 200);
}

std::string outcome_of(const facts::Handshake& shake) {
  if (shake.result == "ok") return "completed";
  return shake.result == "failed" ? ending(shake) : "not seen to its end";
}

std::string verdict_of(const facts::Handshake& shake) {
  const facts::Verify& verify = *shake.verify;
  if (verify.code == 0) return "the library accepts the chain";
  return fmt::format("the library says {} at depth {}: {}", verify.code, verify.depth, verify.text);
}

void add_chain(const facts::Handshake& shake, std::string& out) {
  for (const facts::Certificate& certificate : shake.chain) {
    out += fmt::format("      {} {}, until {}\n", certificate.ca ? "ca  " : "leaf", printable(certificate.subject, 200),
                       certificate.not_after.substr(0, 10));
    for (const std::string& url : certificate.aia) out += fmt::format("           its issuer is said to be at {}\n", printable(url, 200));
  }
}

void add_anchor(const facts::Handshake& shake, const Style& style, std::string& out) {
  if (!shake.anchor) return;
  std::vector<std::string> places;
  for (const facts::AnchorPlace& place : shake.anchor->places)
    if (place.holds_anchor) places.push_back(place.path);
  out += fmt::format("      {} needs the anchor {}: {}\n", places.empty() ? style.paint("bad", style.bad()) : style.paint("good", style.good()),
                     printable(shake.anchor->subject, 200), places.empty() ? "in no store of this machine" : "in " + base::join(places, ", "));
}

// One entry for each handshake, in order; the chain of each is shown once.
std::string handshake_list(const facts::Facts& facts, const Style& style) {
  std::string out;
  std::set<std::string> shown;
  for (const facts::Handshake& shake : facts.handshakes) {
    std::string mark(style.dot());
    if (shake.result == "ok") mark = style.paint("good", style.good());
    if (shake.result == "failed") mark = style.paint("bad", style.bad());
    if (shake.packet > 0) out += fmt::format("  packet {}:\n", shake.packet);
    out += fmt::format("  {} {} with {}: {}\n", mark, shake.version.empty() ? "TLS" : shake.version, peer_of(shake), outcome_of(shake));
    const std::string leaf = shake.chain.empty() ? "" : shake.chain.front().sha256;
    if (leaf.empty() || shown.insert(leaf).second) {
      add_chain(shake, out);
      add_anchor(shake, style, out);
    }
    if (shake.verify && shake.verify->seen_by == "library") out += fmt::format("      {} {}\n", style.dot(), printable(verdict_of(shake), 300));
    if (shake.verify && shake.verify->seen_by == "model")
      out += fmt::format("      {} {}{}\n", style.dot(),
                         shake.stack.empty() ? "" : shake.stack + ", by its model: ", printable(shake.verify->text, 300));
  }
  return out;
}

}  // namespace

namespace {

// Of a connection without an alert: who ended it, and how.
std::string end_of(const facts::Handshake& shake) {
  if (shake.clear_answer)
    return fmt::format("the server answered in plain {}{}", shake.clear_answer->protocol.empty() ? "text" : shake.clear_answer->protocol,
                       shake.clear_answer->text.empty() ? "" : ": " + printable(shake.clear_answer->text, 160));
  if (facts::ended_unclean(shake)) return "the server ended the connection without a close_notify";
  const std::string when = shake.result != "ok"     ? "before the handshake was done"
                           : shake.client_sent_data ? "before it had an answer"
                                                    : "right after the handshake";
  switch (shake.ended) {
    case facts::Ending::kReset: return fmt::format("the server reset the connection {}", when);
    case facts::Ending::kTimeout: return fmt::format("the connection timed out {}", when);
    case facts::Ending::kOpen:
      return fmt::format("the connection stood open to the end{}", shake.result == "ok" ? ", unused" : ", the handshake not done");
    case facts::Ending::kUnknown: return "the connection ended before the handshake did, without an alert";
    default: return fmt::format("the {} closed the connection {}{}", shake.ended_by, when, shake.result == "ok" ? "" : ", without an alert");
  }
}

}  // namespace

std::string ending(const facts::Handshake& shake) {
  const bool failed = shake.result == "failed";
  const bool refused = shake.verify && shake.verify->code != 0;
  if (!shake.alert && failed && refused && shake.verify->seen_by == "process") return "the client refused the chain and left without an alert";
  // Without a process it was asked by tlswhy itself, or seen in a capture.
  if (!shake.alert && shake.pid != 0 && shake.verify && shake.verify->seen_by == "model") return "the client left without an alert";
  if (!shake.alert && shake.unused && !shake.client.empty()) return "the client finished the handshake and left without sending anything";
  if (!shake.alert && failed && refused) return "the chain would be refused";
  if (!shake.alert || shake.clear_answer) return end_of(shake);
  const facts::Alert& alert = *shake.alert;
  if (alert.encrypted)
    return fmt::format("the {} closed it with one short encrypted record: a {} alert, its code can't be read on the wire", alert.sender,
                       shake.version);
  return fmt::format("ended by the {}'s {} alert {}, {}", alert.sender, alert.level, alert.code.value_or(0), alert.name);
}

std::string handshakes_report(const findings::Report& report, std::string_view what, const Style& style) {
  // A capture has many connections besides those that failed: the list first, then the causes.
  const bool capture = report.kind == facts::Kind::kPcap;
  if (!report.findings.empty() && !capture) return text(report, style);
  const auto& shakes = report.facts.handshakes;
  const auto failed = std::ranges::count(shakes, "failed", &facts::Handshake::result);
  std::string out = shakes.empty() ? fmt::format("tlswhy: no TLS handshake in this {}\n", what)
                                   : fmt::format("tlswhy: {} TLS handshake{}, {} failed\n\n{}", shakes.size(), shakes.size() == 1 ? "" : "s", failed,
                                                 handshake_list(report.facts, style));
  if (!report.findings.empty()) return out + "\n" + text(report, style);
  return out + titled_list("Not seen", report.facts.unseen, style);
}

}  // namespace tlswhy::report
