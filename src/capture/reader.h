#pragma once
// Reads a capture file or stream through libpcap: pcap and pcapng, from a path or "-" for standard input.

#include <string>

#include "base/result.h"
#include "capture/flows.h"

namespace tlswhy::capture {

struct ReadResult {
  std::uint64_t packets = 0;
  std::uint64_t cut = 0;  // packets of which only a part was captured
  int snapshot = 0;       // the most bytes of one that were kept
  std::string trouble;    // why reading ended before the end of the file, "" if it did not
};

// Hands every frame to `flows` and the file's own secrets to `keys`. kNotFound, kDenied: it can't be opened;
// kMalformed: no capture file; kUnsupported: a link type that is not read. Damage behind the header is no error: what
// came before it counts.
base::Result<ReadResult> read_capture(const std::string& path, Flows& flows, tls::KeyLog& keys);

}  // namespace tlswhy::capture
