#pragma once
// A key log: the secrets of connections, by the random of their ClientHello (draft-ietf-tls-keylogfile; SSLKEYLOGFILE).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tlswhy::tls {

using Random = std::array<std::uint8_t, 32>;

struct Secrets {
  std::vector<std::uint8_t> master;                              // TLS 1.2 and below
  std::vector<std::uint8_t> client_handshake, server_handshake;  // TLS 1.3
  std::vector<std::uint8_t> client_traffic, server_traffic;
};

class KeyLog {
 public:
  // Takes more lines; a last one without its end is kept until the rest of it comes. Lines that are none are passed
  // over, as the format asks. 100,000 connections at most.
  void add(std::string_view text);
  // The secrets for a connection, null when the log has none (yet).
  [[nodiscard]] const Secrets* find(const Random& random) const;
  [[nodiscard]] std::size_t size() const { return secrets_.size(); }

 private:
  void line(std::string_view text);
  std::string unfinished_;
  std::unordered_map<std::string, Secrets> secrets_;
};

}  // namespace tlswhy::tls
