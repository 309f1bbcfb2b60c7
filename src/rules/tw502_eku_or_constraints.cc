#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW502";
constexpr std::string_view kName = "eku_or_constraints";
constexpr std::array kReasons{facts::Reason::kPurpose, facts::Reason::kConstraint, facts::Reason::kNoIssuer};

using Lines = std::vector<std::string>;

bool for_servers(const facts::Certificate& one) {
  return one.purposes.empty() || std::ranges::any_of(std::array{"serverAuth", "anyExtendedKeyUsage"}, [&](const char* purpose) {
           return std::ranges::find(one.purposes, purpose) != one.purposes.end();
         });
}

// An issuer that says that it is none: some stacks then look for another one, and find none.
Lines no_issuer(const facts::Certificate& issuer) {
  Lines out;
  if (!issuer.ca) out.push_back(fmt::format("{} issued a certificate, and says that it is no authority", issuer.subject));
  const bool may_sign = issuer.key_usage.empty() || std::ranges::find(issuer.key_usage, "keyCertSign") != issuer.key_usage.end();
  if (!may_sign)
    out.push_back(fmt::format("the key usage of {} does not allow it to sign certificates: {}", issuer.subject, base::join(issuer.key_usage, ", ")));
  return out;
}

// What else it says against what is below it.
Lines limits_of(const facts::Certificate& issuer, std::size_t below) {
  Lines out;
  if (issuer.path_length && *issuer.path_length < static_cast<std::int64_t>(below) - 1)
    out.push_back(
        fmt::format("{} allows {} authorities below it (pathLenConstraint), and there are {}", issuer.subject, *issuer.path_length, below - 1));
  if (!issuer.constraints.empty())
    out.push_back(fmt::format("{} may only certify certain names: {}", issuer.subject, base::join(issuer.constraints, ", ")));
  if (!for_servers(issuer))
    out.push_back(fmt::format("{} may only issue for {} (extendedKeyUsage)", issuer.subject, base::join(issuer.purposes, ", ")));
  return out;
}

// What the chain's own extensions say against it; `alone`: only that an issuer is none.
Lines objections(const facts::Handshake& shake, bool alone) {
  Lines out;
  const facts::Certificate& leaf = shake.chain.front();
  if (!alone && !for_servers(leaf))
    out.push_back(fmt::format("{} is for {}, not for TLS servers (extendedKeyUsage)", leaf.subject, base::join(leaf.purposes, ", ")));
  for (std::size_t i = 1; i < shake.chain.size(); ++i) {
    std::ranges::copy(no_issuer(shake.chain[i]), std::back_inserter(out));
    if (!alone) std::ranges::copy(limits_of(shake.chain[i], i), std::back_inserter(out));
  }
  return out;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->verify) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  if (shake.chain.empty()) return Unknown{"which extension of the chain of " + shake.peer + " is at fault", "the chain was not seen"};
  const bool alone = facts::reason_of(shake) == facts::Reason::kNoIssuer;
  const Lines lines = objections(shake, alone);
  if (alone && (lines.empty() || !reads_anchor(one))) return Silent{};
  const facts::Certificate* bad = certificate_at(shake, shake.verify->depth);
  Fires out{lines.empty()
                ? fmt::format("an extension of {} forbids what it is used for: {}", bad != nullptr ? bad->subject : "the anchor", shake.verify->text)
                : lines.front(),
            {}};
  for (const std::string& line : lines) out.evidence.push_back({line, "", "", shake.chain_from});
  out.evidence.push_back({fmt::format("the leaf is for {}", base::join(shake.chain.front().names, ", ")), "", "", shake.chain_from});
  out.evidence.push_back(about_verdict(one));
  if (facts::reason_of(shake) == facts::Reason::kPurpose) out.change.edits.push_back({findings::EditKind::kCheckOff, findings::kPurposeCheck, ""});
  out.about = About::kChain;
  return out;
}

}  // namespace

const Rule kTw502EkuOrConstraints{kCode,
                                  kName,
                                  "a certificate is used for what its extensions do not allow",
                                  R"(What it means
  The chain leads to a trusted anchor, but a certificate in it says that it may not be used so: not for TLS servers
  (extendedKeyUsage), not as an issuer (basicConstraints, keyUsage, pathLenConstraint), not for these names (nameConstraints).

How it is seen
  The client refused the chain for its purpose or for a constraint, and the extensions of the chain are shown.

What proves it
  For a purpose: the same chain passes in the same library when it is not asked what the certificates are for. For constraints
  there is nothing to change; the library or the model of the stack is asked again, and refuses the chain for the same reason.

What to do
  Issue the certificate anew with the right extensions, or by an authority that may issue it.
)",
                                  kReasons,
                                  judge};

}  // namespace tlswhy::rules
