#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW505";
constexpr std::string_view kName = "revocation_fetch";
constexpr std::array kReasons{facts::Reason::kRevoked, facts::Reason::kNoRevocation};

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const bool revoked = facts::reason_of(shake) == facts::Reason::kRevoked;
  const facts::Certificate* about = certificate_at(shake, shake.verify ? shake.verify->depth : 0);
  const std::string name = about != nullptr ? about->subject : "a certificate of " + shake.peer;
  const std::string said = shake.verify ? shake.verify->text : shake.alert ? shake.alert->name : "";
  Fires out{revoked ? fmt::format("{} was revoked by its issuer", name)
                    : fmt::format("{} demands to know whether {} was revoked, and got no answer that it can use: {}", who(one.process), name, said),
            {}};
  if (!said.empty())
    out.evidence.push_back({"the client's library said: " + said, one.stack.path, "", shake.verify ? shake.verify->seen_by : "wire"});
  if (about != nullptr)
    out.evidence.push_back(
        {about->revocation.empty() ? name + " names no place for CRLs or OCSP answers" : name + " names " + base::join(about->revocation, ", "), "",
         "", shake.chain_from});
  if (about != nullptr && about->must_staple)
    out.evidence.push_back({name + " says that its server must send an OCSP answer along (must-staple)", "", "", shake.chain_from});
  if (!revoked) out.change.edits.push_back({findings::EditKind::kCheckOff, findings::kRevocationCheck, ""});
  if (revoked) out.about = About::kNeither;  // a library without the list accepts it
  return out;
}

}  // namespace

const Rule kTw505RevocationFetch{kCode,
                                 kName,
                                 "a certificate was revoked, or whether it was can not be found out",
                                 R"(What it means
  The program demands a CRL or an OCSP answer, and there is none that it can use: not loaded, not reachable, too old. Or there is
  one, and it says that the certificate was revoked.

How it is seen
  The client refused the chain for that; where the certificate says that CRLs and OCSP answers can be had is shown.

What proves it
  Without an answer: the same chain passes in the same library when it is not asked for one. That is done in the proof only.

What to do
  Revoked: get another certificate. No answer: load the issuer's CRL, or let the program reach the addresses; with must-staple
  let the server send the answer along.
)",
                                 kReasons,
                                 judge};

}  // namespace tlswhy::rules
