#pragma once
// One plain HTTP request, for certificates that name where their issuer is to be had (they do so without TLS: RFC 5280 §8).

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace tlswhy::base {

// The body of `url` ("http://host[:port]/path"), `limit` bytes at most, within five seconds; no redirections. kUsage for another scheme, kLimit,
// kTimeout, kNotFound for another status than 200 or a host without an address, kMalformed for an answer that is no HTTP.
Result<std::vector<std::uint8_t>> http_get(const std::string& url, std::size_t limit);

}  // namespace tlswhy::base
