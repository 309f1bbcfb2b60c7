#include "base/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace tlswhy::base {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<Address> parse_address(const std::string& text, unsigned port) {
  Address out;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const auto port16 = static_cast<std::uint16_t>(port);
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port16);
    std::memcpy(&out.storage, &v4, out.size = sizeof v4);
    return out;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1) return fail(Code::kUsage, "not an address", text);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port16);
  std::memcpy(&out.storage, &v6, out.size = sizeof v6);
  return out;
}

Result<void> wait_connected(int fd, int timeout_ms, const std::string& place) {
  pollfd waiting{fd, POLLOUT, 0};
  int ready = 0;
  while ((ready = ::poll(&waiting, 1, timeout_ms)) < 0 && errno == EINTR) {
  }
  if (ready == 0) return fail(Code::kTimeout, "no answer in time", place);
  int error = 0;
  socklen_t size = sizeof error;
  if (ready < 0 || ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return fail_errno(error, "can't connect", place);
  return {};
}

}  // namespace

std::string endpoint_text(const std::string& address, unsigned port) {
  const bool six = address.find(':') != std::string::npos;
  return (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

Endpoint parse_endpoint(const std::string& text) {
  Endpoint out;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return out;
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), out.port);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  out.address = text.substr(0, colon);
  if (out.address.starts_with('[') && out.address.ends_with(']')) out.address = out.address.substr(1, out.address.size() - 2);
  return out;
}

Result<UniqueFd> connect_tcp(const std::string& address, unsigned port, int timeout_ms) {
  TRY(target, parse_address(address, port));
  const std::string place = endpoint_text(address, port);
  UniqueFd fd(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return fail_errno(errno, "can't make a socket", place);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&target.storage), target.size) != 0 && errno != EINPROGRESS)
    return fail_errno(errno, "can't connect", place);
  TRY_VOID(wait_connected(fd.get(), timeout_ms, place));
  const timeval limit{timeout_ms / 1000, timeout_ms % 1000 * 1000L};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK);
  return fd;
}

}  // namespace tlswhy::base
