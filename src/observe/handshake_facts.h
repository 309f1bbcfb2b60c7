#pragma once
// A conversation as facts: the same for one that was watched and one that was captured.

#include <optional>

#include "facts/recording.h"
#include "tls/conversation.h"

namespace tlswhy::observe {

// Name, versions, result, alert and what went before TLS. `alert`: the one to tell, where more is known of it than the
// wire shows. Peer, process and chain are the caller's.
facts::Handshake describe_conversation(const tls::Conversation& seen, const std::optional<tls::SeenAlert>& alert);

// What the diagnosis needs beside these facts: chains, names, the hello.
void keep_messages(const tls::Conversation& seen, facts::RecordedHandshake& out);

}  // namespace tlswhy::observe
