#pragma once
// Whether a handshake that came to no end failed: by what the peer did, and by what became of the program.

#include <vector>

#include "facts/recording.h"

namespace tlswhy::diagnose {

// Turns "incomplete" into "failed" where the peer answered in clear text, cut the connection or stayed silent after the ClientHello, or
// left after it had asked for the client's certificate; never for a program that succeeded, or that reached that peer otherwise.
void settle_results(std::vector<facts::RecordedHandshake>& handshakes, facts::Facts& facts);

}  // namespace tlswhy::diagnose
