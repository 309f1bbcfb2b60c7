#pragma once
// A ClientHello with something left out, to see what it is that a peer can't take.

#include <cstdint>
#include <optional>
#include <vector>

#include "bytes/cursor.h"

namespace tlswhy::tls {

enum class HelloPart {
  kLarge,       // post-quantum groups with their key shares, and extensions that are long by themselves
  kServerName,  // SNI
  kAlpn,        // application protocols
};

// `hello`: the ClientHello as it crossed the wire, in its records. Nothing when there is no such part in it, or it can't be parsed.
std::optional<std::vector<std::uint8_t>> without(bytes::View hello, HelloPart part);

}  // namespace tlswhy::tls
