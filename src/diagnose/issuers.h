#pragma once
// Looks for the certificates that a peer should have sent: among those that this machine has, and where the certificates themselves say.

#include <span>
#include <vector>

#include "facts/facts.h"
#include "store/anchor_reader.h"
#include "x509/certificate.h"

namespace tlswhy::diagnose {

// The issuers of `top` upwards, as long as they are no anchors of `stores`, five at most. `others`: certificates that other handshakes showed.
// `fetch`: plain HTTP may be asked where a certificate names an address (RFC 5280 §4.2.2.1), which is what some clients do themselves.
std::vector<facts::FoundIssuer> find_issuers(const x509::Certificate& top, std::span<const store::AnchorSet> stores,
                                             std::span<const x509::Certificate> others, bool fetch);

}  // namespace tlswhy::diagnose
