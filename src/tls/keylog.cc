#include "tls/keylog.h"

#include <algorithm>

namespace tlswhy::tls {
namespace {

constexpr std::size_t kMaxLine = 1024;
constexpr std::size_t kMaxConnections = 100'000;
constexpr std::size_t kMaxSecret = 64;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

std::vector<std::uint8_t>* slot(Secrets& secrets, std::string_view label) {
  if (label == "CLIENT_RANDOM") return &secrets.master;
  if (label == "CLIENT_HANDSHAKE_TRAFFIC_SECRET") return &secrets.client_handshake;
  if (label == "SERVER_HANDSHAKE_TRAFFIC_SECRET") return &secrets.server_handshake;
  if (label == "CLIENT_TRAFFIC_SECRET_0") return &secrets.client_traffic;
  return label == "SERVER_TRAFFIC_SECRET_0" ? &secrets.server_traffic : nullptr;
}

}  // namespace

void KeyLog::add(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view piece = text.substr(0, end);
    if (unfinished_.size() < kMaxLine) unfinished_.append(piece.substr(0, kMaxLine));
    if (end == std::string_view::npos) return;
    line(unfinished_);
    unfinished_.clear();
    text.remove_prefix(end + 1);
  }
}

void KeyLog::line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  if (second == std::string_view::npos) return;
  const auto random = from_hex(text.substr(first + 1, second - first - 1));
  auto secret = from_hex(text.substr(second + 1));
  if (!random || random->size() != Random{}.size() || !secret || secret->empty() || secret->size() > kMaxSecret) return;
  Secrets probe;
  if (slot(probe, text.substr(0, first)) == nullptr) return;
  const std::string key(random->begin(), random->end());
  if (secrets_.size() >= kMaxConnections && !secrets_.contains(key)) return;
  *slot(secrets_[key], text.substr(0, first)) = std::move(*secret);
}

const Secrets* KeyLog::find(const Random& random) const {
  const auto found = secrets_.find(std::string(random.begin(), random.end()));
  return found == secrets_.end() ? nullptr : &found->second;
}

}  // namespace tlswhy::tls
