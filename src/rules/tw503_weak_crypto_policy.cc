#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW503";
constexpr std::string_view kName = "weak_crypto_policy";
constexpr std::array kReasons{facts::Reason::kWeak, facts::Reason::kNoIssuer};

bool is_weak_digest(const std::string& signature) {
  constexpr std::array kWeak{"sha1", "SHA1", "md5", "MD5"};
  return std::ranges::any_of(kWeak, [&](const char* digest) { return signature.find(digest) != std::string::npos; });
}

// "RSA 1024": below what security level 2 takes.
bool is_weak_key(const std::string& key) {
  constexpr int kSmallest = 2048;
  if (!key.starts_with("RSA ") && !key.starts_with("DSA ")) return false;
  return std::atoi(key.c_str() + 4) < kSmallest;
}

std::vector<std::string> weaknesses(const facts::Handshake& shake) {
  std::vector<std::string> out;
  for (const facts::Certificate& each : shake.chain) {
    if (is_weak_key(each.key)) out.push_back(fmt::format("the key of {} is {} bits", each.subject, each.key));
    if (is_weak_digest(each.signature) && !each.self_issued) out.push_back(fmt::format("{} is signed with {}", each.subject, each.signature));
  }
  return out;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->verify) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  if (shake.chain.empty()) return Unknown{"which certificate of " + shake.peer + " is too weak", "the chain was not seen"};
  const std::vector<std::string> lines = weaknesses(shake);
  // Some stacks know no issuer then.
  if (facts::reason_of(shake) == facts::Reason::kNoIssuer && (lines.empty() || !reads_anchor(one))) return Silent{};
  const std::string what = lines.empty() ? shake.verify->text : lines.front();
  Fires out{fmt::format("the chain of {} is too weak for the policy of {}: {}", shake.peer, who(one.process), what), {}};
  for (const std::string& line : lines) out.evidence.push_back({line, "", "", shake.chain_from});
  out.evidence.push_back(about_verdict(one));
  for (const facts::CryptoSetting& setting : one.facts.crypto_settings)
    if (setting.pid == one.process.pid && (setting.name == "CipherString" || setting.name == "SignatureAlgorithms"))
      out.evidence.push_back({fmt::format("line {} sets {} = {}", setting.line, setting.name, setting.value), setting.file, "", "trace"});
  out.change.edits.push_back({findings::EditKind::kCheckOff, findings::kSecurityLevel, ""});
  return out;
}

}  // namespace

const Rule kTw503WeakCryptoPolicy{kCode,
                                  kName,
                                  "a key or a signature is too weak for the policy of the program",
                                  R"(What it means
  The chain is trusted, but a certificate in it has a key that is too short or a signature with an old digest (SHA-1, MD5) for
  the security level of the library, the cipher string of the program or the machine's crypto policy.

How it is seen
  The client refused the chain as too weak; the keys and signatures of the chain are shown, and the lines of configuration
  files that set the level, if any was read.

What proves it
  The same chain passes in the same library at the lowest level. That is done in the proof only.

What to do
  Issue the certificate anew with a longer key and SHA-256. Lowering the level lets in every weak peer: not advised.
)",
                                  kReasons,
                                  judge};

}  // namespace tlswhy::rules
