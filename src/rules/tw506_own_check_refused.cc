#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW506";
constexpr std::string_view kName = "own_check_refused";
constexpr std::array kReasons{facts::Reason::kOwnCheck, facts::Reason::kOther};

// The library was content and the client was not: it sent an alert about certificates all the same.
bool left_content_library(const facts::Handshake& shake) {
  return shake.verify && shake.verify->reason == facts::Reason::kAccepted && shake.verify->seen_by == "process" && shake.alert &&
         shake.alert->sender == "client";
}

// An option by which the program pins a key or a certificate.
const facts::Knob* pin(const Case& one) {
  for (const facts::Knob& knob : one.stack.knobs)
    if (knob.holds == "pin" &&
        std::ranges::any_of(one.process.command, [&](const std::string& word) { return word == knob.name || word.starts_with(knob.name + "="); }))
      return &knob;
  return nullptr;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const bool own = facts::reason_of(shake) == facts::Reason::kOwnCheck;
  if (!own && !left_content_library(shake)) return Silent{};
  const facts::Knob* by = pin(one);
  Fires out{by != nullptr
                ? fmt::format("{} refused {} by its own check: {} names another key", who(one.process), shake.peer, by->name)
                : fmt::format("{} refused {} by a check of its own, after its library had accepted the chain", who(one.process), shake.peer),
            {}};
  if (shake.verify)
    out.evidence.push_back({"the verdict of its library: " + (shake.verify->text.empty() ? std::string("accepted") : shake.verify->text),
                            one.stack.path, "", shake.verify->seen_by});
  if (shake.alert)
    out.evidence.push_back({fmt::format("the client ended it with alert {} ({})", shake.alert->code.value_or(0), shake.alert->name), "", "", "wire"});
  if (by != nullptr) out.evidence.push_back({"its command line has " + by->name, "", "", "process"});
  if (!shake.chain.empty())
    out.evidence.push_back({"the leaf is " + shake.chain.front().subject + ", SHA-256 " + shake.chain.front().sha256, "", "", shake.chain_from});
  out.about = About::kNeither;
  return out;
}

}  // namespace

const Rule kTw506OwnCheckRefused{kCode,
                                 kName,
                                 "the program's own check refused what its library accepted",
                                 R"(What it means
  The library accepted the chain, and the program did not: a pinned key or certificate, a list of its own, a callback, a name
  check of its own.

How it is seen
  The verdict of the library was seen, or the option that pins a key; the client ended the connection all the same.

What proves it
  The library accepts this chain with the store that was loaded. The program's own check is not run again.

What to do
  Update the pin or the list: the peer has a new key, or something on the way presents another certificate. Compare the
  fingerprint of the leaf with the one that the program expects.
)",
                                 kReasons,
                                 judge};

}  // namespace tlswhy::rules
