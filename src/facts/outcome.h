#pragma once
// What a failed command makes of connections that did not fail by themselves.

#include <set>

#include "facts/facts.h"

namespace tlswhy::facts {

// Connection::error of one over which no byte went.
inline constexpr const char* kNoData = "ENODATA";

// The peer closed, reset or did not answer, and not a byte of it came after the ClientHello.
bool was_cut(const Handshake& handshake);

// The handshake was completed and data went over it; then the peer ended the connection without close_notify, for which the program failed.
bool ended_unclean(const Handshake& handshake);

// The handshake was completed, and its process left without sending anything, and failed, and the command with it: it may have refused
// the peer by itself. Not when it used another connection to that name.
bool left_unused(const Facts& facts, const Handshake& handshake);

// Its library refused the chain, and its process had sent something and left before any answer, and failed, and the command with it: it may
// have looked at the verdict late (lftp). Only TLS 1.2 shows that there was no answer.
bool left_unanswered(const Facts& facts, const Handshake& handshake);

// The process connected, sent and got nothing, and failed, and the command with it: it may have failed to load its store or its key.
bool left_silent(const Facts& facts, const Connection& connection);

// CryptoSetting::name of what is wrong with a certificate of the process's own and its key; the value is the call that could not load them.
inline constexpr const char* kPrivateKey = "private key";

// A call by which a program gives its library a certificate of its own, or the key of that, or has both compared.
bool loads_own_key(const TrustCall& call);

// Says in `unseen` why a failed command's outcome is not known although no handshake failed. `explained`: processes of which it is known.
void explain_leaving(Facts& facts, const std::set<std::int32_t>& explained);

// Equal sentences once, with their number.
void fold(std::vector<std::string>& sentences);

}  // namespace tlswhy::facts
