#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW504";
constexpr std::string_view kName = "protocol_mismatch";
constexpr std::array kReasons{facts::Reason::kProtocol, facts::Reason::kOther};

constexpr int kHandshakeFailure = 40, kIllegalParameter = 47, kProtocolVersion = 70, kInsufficientSecurity = 71, kInternalError = 80,
              kInappropriateFallback = 86, kMissingExtension = 109;

bool concerns_parameters(int code) {
  constexpr std::array kCodes{kHandshakeFailure,     kIllegalParameter,      kProtocolVersion,
                              kInsufficientSecurity, kInappropriateFallback, kMissingExtension};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

bool has(const std::vector<std::string>& list, const std::string& word) { return std::ranges::find(list, word) != list.end(); }

// A hello without the list of versions names only its newest.
bool offers(const facts::Handshake& shake, const std::string& version) {
  if (has(shake.offered, version)) return true;
  return shake.offered.size() == 1 && shake.offered.front() != "TLSv1.3" && version < shake.offered.front();
}

bool is_old(const std::string& version) { return version == "TLSv1.0" || version == "TLSv1.1"; }

std::string versions_of(const facts::Handshake& shake) {
  if (shake.offered.size() == 1 && shake.offered.front() != "TLSv1.3") return shake.offered.front() + " and what is older";
  return base::join(shake.offered, ", ");
}

// OpenSSL's short names of curves, as they are registered.
std::string registered(const std::string& group) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kNames{
      {{"prime256v1", "secp256r1"}, {"X25519", "x25519"}, {"X448", "x448"}}};
  for (const auto& [name, known] : kNames)
    if (group == name) return std::string(known);
  return group;
}

// What of the server's choice, as a probe that offered everything got it, the client did not offer. The probe's answer reads "TLSv1.1,
// TLS_RSA_WITH_AES_128_CBC_SHA, secp256r1".
std::string not_offered(const facts::Handshake& shake, const std::string& answer) {
  std::vector<std::string> parts = base::split(answer, ',');
  for (std::string& part : parts) part.erase(0, part.find_first_not_of(' '));
  if (!parts.empty() && !offers(shake, parts[0]))
    return fmt::format("no common version: the server takes {}, the client offers {}", parts[0], versions_of(shake));
  if (parts.size() > 1 && !has(shake.ciphers, parts[1]))
    return fmt::format("no common cipher suite: the server takes {}, which the client does not offer", parts[1]);
  if (parts.size() > 2 && !shake.groups.empty() && !has(shake.groups, registered(parts[2])))
    return fmt::format("no common group: the server takes {}, the client offers {}", registered(parts[2]), base::join(shake.groups, ", "));
  return "";
}

void add_offers(const facts::Handshake& shake, std::vector<findings::Evidence>& out) {
  static constexpr std::size_t kShown = 6;
  const auto some = [](const std::vector<std::string>& all) {
    const std::vector<std::string> first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, all.size())));
    return base::join(first, ", ") + (all.size() > kShown ? fmt::format(" and {} more", all.size() - kShown) : "");
  };
  out.push_back({"the client offers " + versions_of(shake), "", "", "wire"});
  if (!shake.ciphers.empty()) out.push_back({"its cipher suites: " + some(shake.ciphers), "", "", "wire"});
  if (!shake.groups.empty()) out.push_back({"its groups: " + some(shake.groups), "", "", "wire"});
  if (!shake.signatures.empty()) out.push_back({"its signature algorithms: " + some(shake.signatures), "", "", "wire"});
}

// Lines of a configuration that narrow what this process offers.
void add_settings(const Case& one, std::vector<findings::Evidence>& out) {
  constexpr std::array<std::string_view, 10> kNames{"MinProtocol",
                                                    "MaxProtocol",
                                                    "CipherString",
                                                    "Ciphersuites",
                                                    "Groups",
                                                    "SignatureAlgorithms",
                                                    "Options",
                                                    "Protocol",
                                                    "jdk.tls.disabledAlgorithms",
                                                    "jdk.tls.client.protocols"};
  for (const facts::CryptoSetting& setting : one.facts.crypto_settings) {
    if (setting.pid != one.process.pid || std::ranges::find(kNames, setting.name) == kNames.end()) continue;
    const std::string line = setting.line > 0 ? fmt::format(", line {}", setting.line) : "";
    out.push_back({fmt::format("the client's policy says {} = {}{}", setting.name, setting.value, line), setting.file, "", "model"});
  }
}

std::string by_server(const facts::Handshake& shake, int code, const std::string& found) {
  if (!found.empty()) return fmt::format("{} refused the client's hello: {}", peer_name(shake), found);
  if (code == kProtocolVersion) return fmt::format("{} speaks no version that the client offers ({})", peer_name(shake), versions_of(shake));
  return fmt::format("{} found no cipher suite, group or signature algorithm in the client's hello that it takes", peer_name(shake));
}

std::string by_client(const facts::Handshake& shake, int code) {
  if (code == kProtocolVersion || !offers(shake, shake.version))
    return fmt::format("the client refused {}, which is what {} speaks: it offers {}", shake.version, peer_name(shake), versions_of(shake));
  if (is_old(shake.version))
    return fmt::format("the client refused {}, which speaks {}: that signs its key exchange with SHA-1", peer_name(shake), shake.version);
  return fmt::format("the client refused what {} chose: {}, {}", peer_name(shake), shake.version, shake.cipher);
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->alert || !one.handshake->alert->code) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const int code = *shake.alert->code;
  const bool server = shake.alert->sender == "server";
  const bool unnamed = code == kInternalError && (server ? shake.version.empty() : is_old(shake.version));
  if (!concerns_parameters(code) && !unnamed) return Silent{};
  if (shake.certificate_requested || shake.offered.empty()) return Silent{};
  // A client's verdict on the chain may come as a handshake_failure as well.
  if (!server && (shake.version.empty() || (shake.verify && shake.verify->reason != facts::Reason::kAccepted))) return Silent{};
  const facts::HelloProbe* probe = probe_of(shake, "every version");
  const std::string found = probe != nullptr && probe->answered ? not_offered(shake, probe->answer) : "";
  if (code == kInternalError && server && found.empty()) return Silent{};
  Fires out{server ? by_server(shake, code, found) : by_client(shake, code), {}};
  out.evidence.push_back(
      {fmt::format("the {} ended the handshake with alert {} ({})", shake.alert->sender, code, shake.alert->name), "", "", "wire"});
  if (!shake.version.empty()) out.evidence.push_back({fmt::format("the server chose {}, {}", shake.version, shake.cipher), "", "", "wire"});
  add_offers(shake, out.evidence);
  if (probe != nullptr)
    out.evidence.push_back({fmt::format("asked with {}, the server answered: {}", probe->changed, probe->answer), "", "", "probe"});
  add_settings(one, out.evidence);
  out.about = About::kNeither;
  if (!found.empty()) out.proof = proof_by(*probe, fmt::format("alert {} ({})", code, shake.alert->name));
  return out;
}

}  // namespace

const Rule kTw504ProtocolMismatch{kCode,
                                  kName,
                                  "client and server have no version, cipher suite, group or signature algorithm in common",
                                  R"(What it means
  One side speaks only what the other has given up: TLS 1.0 or 1.1, RC4 or 3DES, RSA key exchange, one curve, SHA-1
  signatures, renegotiation without RFC 5746. Either the server is old, or somebody's policy is new.

How it is seen
  An alert about the parameters (protocol_version, handshake_failure, insufficient_security, illegal_parameter), who sent it,
  and what the hellos offered and chose. Lines of the client's configuration that narrow its offer are named.

What proves it
  The server is sent a hello with everything; what it takes of that, and the client did not offer, is the difference.

What to do
  Bring the older side up to date. Where that can't be, widen the narrow policy for this one peer: MinProtocol and
  CipherString in openssl.cnf, jdk.tls.disabledAlgorithms in java.security, --tls-min and --ciphers of the program.
)",
                                  kReasons,
                                  judge};

}  // namespace tlswhy::rules
