#pragma once
// What the configuration of OpenSSL that a process reads says of protocols, ciphers, providers and engines, and what of it can't be followed.

#include <span>
#include <vector>

#include "facts/facts.h"
#include "facts/recording.h"

namespace tlswhy::diagnose {

// `stacks`: all that were found, those of other processes too.
std::vector<facts::CryptoSetting> crypto_settings(const facts::Snapshot& process, std::span<const facts::Stack> stacks,
                                                  const std::vector<facts::Lookup>& lookups);

}  // namespace tlswhy::diagnose
