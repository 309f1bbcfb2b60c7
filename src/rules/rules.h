#pragma once
// The rules, one line each; each is defined in the file named after it.

#include "rules/rule.h"

namespace tlswhy::rules {

extern const Rule kTw101CompiledPathMismatch;
extern const Rule kTw102BundlePathRetired;
extern const Rule kTw103NoCaStore;
extern const Rule kTw104DanglingSymlinkOrMount;
extern const Rule kTw105UnhashedOrStaleCapath;
extern const Rule kTw106PermissionOrConfinement;
extern const Rule kTw107ExtractionDirGone;
extern const Rule kTw201EnvOverrideBad;
extern const Rule kTw202EnvIgnoredOrDropped;
extern const Rule kTw203WrongStoreForRuntime;
extern const Rule kTw204JavaKeystore;
extern const Rule kTw601DuplicateTlsLibrary;
extern const Rule kTw205StaleStoreInMemory;
extern const Rule kTw301MalformedBundle;
extern const Rule kTw302BundleLacksPublicRoot;
extern const Rule kTw303PrivateOrMitmRootMissing;
extern const Rule kTw304AnchorNotInstalled;
extern const Rule kTw305AnchorSameNameOtherKey;
extern const Rule kTw401IncompleteServerChain;
extern const Rule kTw402ExpiredCrossSign;
extern const Rule kTw403HostnameOrSni;
extern const Rule kTw404PeerCertificateExpired;
extern const Rule kTw405ClockSkew;
extern const Rule kTw406NotTlsOnPort;
extern const Rule kTw407SelfSignedPeer;
extern const Rule kTw408ClientCertificateMissing;
extern const Rule kTw409ClientCertificateRefused;
extern const Rule kTw411ConnectionCut;
extern const Rule kTw412UncleanClose;
extern const Rule kTw413AlpnMismatch;
extern const Rule kTw501StrictX509;
extern const Rule kTw502EkuOrConstraints;
extern const Rule kTw503WeakCryptoPolicy;
extern const Rule kTw504ProtocolMismatch;
extern const Rule kTw505RevocationFetch;
extern const Rule kTw506OwnCheckRefused;
extern const Rule kTw507CertificateNotParsable;

}  // namespace tlswhy::rules
