#include <algorithm>
#include <array>

#include "facts/reasons.h"
#include "rules/process_rules.h"
#include "rules/rule.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::array kCatalogue{
    &kTw701FdExhaustion,
    &kTw603LibraryLoadFailure,
    &kTw602OpensslConfOrProvider,
    &kTw410ClientKeyMismatch,
    &kTw205StaleStoreInMemory,
    &kTw202EnvIgnoredOrDropped,
    &kTw301MalformedBundle,
    &kTw204JavaKeystore,
    &kTw107ExtractionDirGone,
    &kTw102BundlePathRetired,
    &kTw201EnvOverrideBad,
    &kTw106PermissionOrConfinement,
    &kTw601DuplicateTlsLibrary,
    &kTw104DanglingSymlinkOrMount,
    &kTw103NoCaStore,
    &kTw105UnhashedOrStaleCapath,
    &kTw101CompiledPathMismatch,
    &kTw405ClockSkew,
    &kTw404PeerCertificateExpired,
    &kTw402ExpiredCrossSign,
    &kTw403HostnameOrSni,
    &kTw304AnchorNotInstalled,
    &kTw305AnchorSameNameOtherKey,
    &kTw302BundleLacksPublicRoot,
    &kTw203WrongStoreForRuntime,
    &kTw407SelfSignedPeer,
    &kTw401IncompleteServerChain,
    &kTw303PrivateOrMitmRootMissing,
    &kTw501StrictX509,
    &kTw502EkuOrConstraints,
    &kTw503WeakCryptoPolicy,
    &kTw505RevocationFetch,
    &kTw507CertificateNotParsable,
    &kTw406NotTlsOnPort,
    &kTw411ConnectionCut,
    &kTw412UncleanClose,
    &kTw408ClientCertificateMissing,
    &kTw409ClientCertificateRefused,
    &kTw413AlpnMismatch,
    &kTw504ProtocolMismatch,
    &kTw506OwnCheckRefused,
};

}  // namespace

std::span<const Rule* const> catalogue() { return kCatalogue; }

const Rule* find_rule(std::string_view code) {
  const auto hit = std::ranges::find(kCatalogue, code, [](const Rule* rule) { return rule->code; });
  return hit == kCatalogue.end() ? nullptr : *hit;
}

bool concerns(const Rule& rule, const Case& one) {
  if (one.handshake == nullptr) return true;
  const facts::Reason reason = facts::reason_of(*one.handshake);
  if (std::ranges::find(rule.reasons, reason) == rule.reasons.end()) return false;
  return reason != facts::Reason::kUnknown || facts::wants_anchor(*one.handshake);
}

}  // namespace tlswhy::rules
