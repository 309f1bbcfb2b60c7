#include "tls/hello_probe.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "base/socket.h"
#include "base/text.h"
#include "tls/conversation.h"

namespace tlswhy::tls {
namespace {

using Clock = std::chrono::steady_clock;

int left_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(left > 0 ? left : 0);
}

// What is known of the peer by now; nothing: not enough yet.
std::optional<HelloAnswer> answer_of(const Conversation& seen) {
  if (const auto& hello = seen.server_hello()) return HelloAnswer{true, hello->version};
  if (const auto alert = seen.alert(); alert && alert->sender == Side::kServer)
    return HelloAnswer{false, fmt::format("alert {} ({})", alert->code, alert_name(alert->code))};
  if (const auto clear = seen.clear_answer())
    return HelloAnswer{false, clear->protocol.empty() ? "clear text" : "clear text (" + clear->protocol + ")", clear};
  return std::nullopt;
}

}  // namespace

HelloAnswer send_hello(const std::string& address, unsigned port, bytes::View hello, int timeout_ms) {
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  const auto socket = base::connect_tcp(address, port, timeout_ms);
  if (!socket) return {false, socket.error().code == base::Code::kTimeout ? "no connection" : base::errno_name(socket.error().sys_errno)};
  const int fd = socket->get();
  if (::send(fd, hello.data(), hello.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return {false, base::errno_name(errno)};
  Conversation seen;
  seen.feed(Side::kClient, hello);
  std::array<std::uint8_t, 4096> buffer{};
  for (;;) {
    pollfd waiting{fd, POLLIN, 0};
    const int left = left_until(deadline);
    if (left == 0 || ::poll(&waiting, 1, left) <= 0) return {false, "no answer"};
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) return {false, base::errno_name(errno)};
    if (size == 0) return {false, seen.server_spoke() ? "closed" : "closed without a byte"};
    seen.feed(Side::kServer, {buffer.data(), static_cast<std::size_t>(size)});
    if (auto answer = answer_of(seen)) return *answer;
    if (seen.settled()) return {false, "what is no TLS"};
  }
}

}  // namespace tlswhy::tls
