#include "lab/peer.h"

#include <algorithm>

namespace lab {
namespace {

// The origin's root, with a key of our own.
constexpr Issuers kPublic{{{{"C", "BE"}, {"O", "GlobalSign nv-sa"}, {"OU", "Root CA"}, {"CN", "GlobalSign Root CA"}}},
                          {{{"C", "BE"}, {"O", "GlobalSign nv-sa"}, {"CN", "Lab Intermediate CA"}}}};
constexpr Issuers kCompany{{{{"C", "DE"}, {"O", "Example Company"}, {"CN", "Example Company Root CA"}}},
                           {{{"C", "DE"}, {"O", "Example Company"}, {"CN", "Example Company Issuing CA"}}}};
// As Zscaler's own certificates are named.
constexpr Issuers kInterceptor{
    {{{"C", "US"}, {"ST", "California"}, {"L", "San Jose"}, {"O", "Zscaler Inc."}, {"OU", "Zscaler Inc."}, {"CN", "Zscaler Root CA"}}},
    {{{"C", "US"}, {"ST", "California"}, {"O", "Zscaler Inc."}, {"OU", "Zscaler Inc."}, {"CN", "Zscaler Intermediate Root CA (zscaler.net)"}}}};

constexpr Validity kPast{-100, -10}, kFuture{10, 100};

constexpr std::array kPeers{
    Peer{.name = "", .issuers = &kPublic},
    Peer{.name = "expired", .issuers = &kPublic, .leaf = kPast},
    Peer{.name = "expired-intermediate", .issuers = &kPublic, .leaf = {-20, 30}, .intermediate = kPast},
    Peer{.name = "expired-root", .issuers = &kPublic, .root = kPast},
    Peer{.name = "not-yet-valid", .issuers = &kPublic, .leaf = kFuture},
    Peer{.name = "wrong-name", .issuers = &kPublic, .host = "other.origin.test"},
    Peer{.name = "needs-sni", .issuers = &kPublic, .nameless = Nameless::kSelfSigned},
    Peer{.name = "leaf-only", .issuers = &kPublic, .sent = Sent::kLeaf},
    Peer{.name = "leaf-only-fetchable", .issuers = &kPublic, .sent = Sent::kLeaf, .fetchable = true},
    Peer{.name = "self-signed", .issuers = &kPublic, .in_store = false, .shape = Shape::kSelfSigned, .sent = Sent::kLeaf, .no_key_usage = true},
    Peer{.name = "self-signed-ca",
         .issuers = &kPublic,
         .in_store = false,
         .shape = Shape::kSelfSigned,
         .sent = Sent::kLeaf,
         .leaf_is_ca = true,
         .no_key_usage = true},
    Peer{.name = "for-clients", .issuers = &kPublic, .purpose = "clientAuth"},
    Peer{.name = "other-names-permitted", .issuers = &kPublic, .constraints = "critical,permitted;DNS:elsewhere.test"},
    Peer{.name = "issuer-is-no-ca", .issuers = &kPublic, .intermediate_is_ca = false},
    Peer{.name = "no-issuer-key-id", .issuers = &kPublic, .no_issuer_key_id = true},
    Peer{.name = "short-key", .issuers = &kPublic, .rsa_bits = 1024},
    Peer{.name = "sha1", .issuers = &kPublic, .sha1 = true},
    Peer{.name = "negative-serial", .issuers = &kPublic, .negative_serial = true},
    Peer{.name = "private", .issuers = &kCompany, .in_store = false},
    Peer{.name = "private-direct", .issuers = &kCompany, .in_store = false, .shape = Shape::kDirect},
    Peer{.name = "private-root-sent", .issuers = &kCompany, .in_store = false, .sent = Sent::kAll},
    // What is no TLS, or no longer.
    Peer{.name = "says-http", .issuers = &kPublic, .serves = "--says=http"},
    Peer{.name = "says-ssh", .issuers = &kPublic, .serves = "--says=ssh"},
    Peer{.name = "says-smtp", .issuers = &kPublic, .serves = "--says=smtp"},
    Peer{.name = "says-imap", .issuers = &kPublic, .serves = "--says=imap"},
    Peer{.name = "says-postgres", .issuers = &kPublic, .serves = "--says=postgres"},
    Peer{.name = "says-mysql", .issuers = &kPublic, .serves = "--says=mysql"},
    Peer{.name = "resets", .issuers = &kPublic, .serves = "--cut=reset"},
    Peer{.name = "closes", .issuers = &kPublic, .serves = "--cut=close"},
    Peer{.name = "silent", .issuers = &kPublic, .serves = "--cut=silent"},
    Peer{.name = "resets-large", .issuers = &kPublic, .serves = "--cut=reset --larger=1000"},
    Peer{.name = "drops-large", .issuers = &kPublic, .serves = "--cut=silent --larger=1000"},
    Peer{.name = "filters-name", .issuers = &kPublic, .serves = "--cut=reset --named=origin"},
    Peer{.name = "no-close-notify", .issuers = &kPublic, .serves = "--ends=fin"},
    // What it takes of a hello.
    Peer{.name = "one-cipher", .issuers = &kPublic, .serves = "--ciphers=ECDHE-ECDSA-ARIA256-GCM-SHA384"},
    Peer{.name = "one-group", .issuers = &kPublic, .serves = "--groups=P-521"},
    Peer{.name = "alpn-other", .issuers = &kPublic, .serves = "--alpn=acme-tls/1"},
    Peer{.name = "alpn-h1", .issuers = &kPublic, .serves = "--alpn=http/1.1"},
    Peer{.name = "old-renegotiation", .issuers = &kPublic, .serves = "--says=old-hello"},
    // Mutual TLS.
    Peer{.name = "asks", .issuers = &kPublic, .serves = "--client=optional"},
    Peer{.name = "demands", .issuers = &kPublic, .serves = "--client=required"},
    Peer{.name = "demands-other", .issuers = &kPublic, .serves = "--client=required --client-ca={lab}/other-root.pem"},
    Peer{.name = "mitm", .issuers = &kInterceptor, .in_store = false},
};

}  // namespace

const Peer* find_peer(std::string_view name) {
  const auto* const found = std::ranges::find(kPeers, name, &Peer::name);
  return found == kPeers.end() ? nullptr : found;
}

}  // namespace lab
