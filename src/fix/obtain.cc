// A root that is nowhere on this machine has to come from its owner; then it can be added. Nothing of this can be tried here.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

// Which certificate it is, as its owner knows it; "" where the chain was not seen.
std::string wanted(const facts::Handshake& shake) {
  if (shake.chain.empty()) return "";
  const facts::Certificate& top = shake.chain.back();
  return top.self_issued ? fmt::format("{} (SHA-256 {})", top.subject, top.sha256) : top.issuer;
}

// The stack reads what the distribution's tool makes.
bool follows_machine(const facts::Stack& stack, const facts::Facts& facts) {
  return std::ranges::any_of(stack.sources, [&](const facts::Source& source) {
    return source.status == "ok" && std::ranges::any_of(facts.machine_stores, [&](const auto& store) { return store.path == source.path; });
  });
}

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts& facts) {
  const bool lacks_root = finding.code == "TW303" || finding.code == "TW407";
  if (!lacks_root || finding.handshakes.empty()) return std::nullopt;
  const facts::Handshake& shake = facts.handshakes[static_cast<std::size_t>(finding.handshakes.front())];
  const std::string root = wanted(shake);
  if (root.empty() || shake.stack_index < 0 || (shake.anchor && !shake.anchor->uninstalled.empty())) return std::nullopt;
  const facts::Stack& stack = facts.stacks[static_cast<std::size_t>(shake.stack_index)];
  const std::string title = fmt::format("{} is needed in a file: have it from whoever runs it, and compare its digest with them", root);
  if (follows_machine(stack, facts) && facts.distribution && !facts.distribution->command.empty()) return Offer{title, {}, "tlswhy fix anchor FILE"};
  const facts::Knob* knob = stack.knob_for(false);
  if (knob == nullptr || !knob->adds || knob->kind != "variable") return std::nullopt;
  std::string command = knob->name + "=FILE";
  for (const std::string& word : facts.target.command) command += " " + base::shell_quote(word);
  return Offer{title, {}, command};
}

}  // namespace

const Remedy kObtain{"obtain", "have a root from its owner, and add it", offer};

}  // namespace tlswhy::fix
