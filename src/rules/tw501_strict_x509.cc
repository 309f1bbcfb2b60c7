#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW501";
constexpr std::string_view kName = "strict_x509";
constexpr std::array kReasons{facts::Reason::kStrict};

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->verify) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const facts::Certificate* bad = certificate_at(shake, shake.verify->depth);
  const std::string name = bad != nullptr ? bad->subject : shake.anchor ? shake.anchor->subject : "";
  Fires out{fmt::format("{} checks strictly (X509_V_FLAG_X509_STRICT), and {} does not pass that: {}", who(one.process),
                        name.empty() ? "a certificate" : name, shake.verify->text),
            {}};
  out.evidence.push_back(
      {fmt::format("verification said {} ({}) of the certificate at depth {}", shake.verify->code, shake.verify->text, shake.verify->depth),
       one.stack.path, "", shake.verify->seen_by});
  if (bad != nullptr) {
    out.evidence.push_back(
        {fmt::format("{}: key identifier {}, its issuer's {}, key usage {}", bad->subject, bad->key_id.empty() ? "none" : bad->key_id,
                     bad->issuer_key_id.empty() ? "none" : bad->issuer_key_id, bad->key_usage.empty() ? "none" : base::join(bad->key_usage, ", ")),
         "", "", shake.chain_from});
  }
  out.change.edits.push_back({findings::EditKind::kCheckOff, findings::kStrictness, ""});
  return out;
}

}  // namespace

const Rule kTw501StrictX509{kCode,
                            kName,
                            "the chain passes a plain check, but not the strict one that the program asks for",
                            R"(What it means
  Some programs ask OpenSSL to be strict (X509_V_FLAG_X509_STRICT; Python does since 3.13): then an authority needs a key usage,
  a subject and an authority key identifier, and more that older private authorities never had.

How it is seen
  The library's number is one that only strict checking gives (80 to 94), and the certificate at that depth lacks what it names.

What proves it
  The same chain passes in the same library without the strict flag. That is done in the proof only.

What to do
  Issue the authority's certificate anew, with the extensions of RFC 5280. Until then the program can leave out the flag
  (Python: context.verify_flags &= ~ssl.VERIFY_X509_STRICT), which nothing outside of it can.
)",
                            kReasons,
                            judge};

}  // namespace tlswhy::rules
