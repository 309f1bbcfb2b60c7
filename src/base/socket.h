#pragma once
// A TCP connection to a literal address, with a deadline.

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tlswhy::base {

// "127.0.0.1:443" and "[::1]:443" of an address and a port, and back. The address of text that is none is empty.
std::string endpoint_text(const std::string& address, unsigned port);
struct Endpoint {
  std::string address;
  unsigned port = 0;
};
Endpoint parse_endpoint(const std::string& text);

// Connects to "127.0.0.1" or "::1" and `port`. The socket blocks, with send and receive time-outs of
// `timeout_ms`. kTimeout, or the errno of connect(2).
Result<UniqueFd> connect_tcp(const std::string& address, unsigned port, int timeout_ms);

}  // namespace tlswhy::base
