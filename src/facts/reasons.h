#pragma once
// What native numbers mean, as a Reason: OpenSSL's X509_V_ERR_* and TLS alerts. Numbers of other stacks are translated where they
// are read (observe/verify_flags.h).

#include <string>
#include <string_view>

#include "facts/facts.h"

namespace tlswhy::facts {

// Of X509_V_ERR_* (openssl/x509_vfy.h, 1.0.2 to 4.0); kOther for a number of a newer version.
Reason reason_of_openssl(int code);

// Of what a trust model says of a chain: "ok", "refused", "untrusted", "unverified", or a number of X509_V_ERR_*. kUnknown for "".
Reason reason_of_verdict(std::string_view verdict);

// What a verdict on a chain says, for people; "" for a reason that is none.
std::string_view phrase_of(Reason reason);

// Why the side that sent the alert ended the handshake. kUnknown for an encrypted one.
Reason reason_of_alert(const Alert& alert);

// A verdict in OpenSSL's numbers, its reason filled in.
Verify openssl_verdict(int code, std::string text, int depth, std::string seen_by);

// Why the handshake failed: its verdict, or, when that is none or accepts the chain, the alert that ended it. kAccepted where a
// chain was accepted and nothing failed; kUnknown where nothing of it was seen.
Reason reason_of(const Handshake& handshake);

// Where the peer's chain was not what the handshake failed for: protocols, and the client's own certificate.
bool is_beside_chain(Reason reason);

// True for what a client finds in the peer's chain itself, as others may judge it again.
bool is_about_chain(Reason reason);

// True for a failure that an anchor in the right place would end, as far as it can be told.
bool wants_anchor(const Handshake& handshake);

}  // namespace tlswhy::facts
