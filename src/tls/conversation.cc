// Bites: a handshake message may span records and a record may hold several messages (RFC 8446 §5.1); in
// TLS 1.3 everything behind the ServerHello travels as application data, ChangeCipherSpec is only a dummy
// (§D.4), and an alert is one encrypted record, shorter than anything else (§5.2).

#include "tls/conversation.h"

#include <fmt/format.h>

#include <algorithm>

namespace tlswhy::tls {

using bytes::View;

namespace {

constexpr std::size_t kMaxPending = 256U << 10;
constexpr std::uint64_t kMaxBeforeTls = 64U << 10;  // a proxy CONNECT or STARTTLS dialogue is shorter
constexpr std::uint64_t kMaxRecord = (1U << 14) + 2048;
constexpr std::size_t kHeader = 5;
constexpr std::size_t kSealedKept = 8;

// Two bytes of alert, one of inner type, a tag of 16 (8 in the CCM_8 suites); JSSE pads with 16 more
// (sun.security.ssl.SSLCipher). The shortest Finished is 4 + 32 + 1 + 8, so nothing else is as short.
bool alert_sized(std::uint64_t size) { return size == 11 || size == 19 || size == 35; }

}  // namespace

void Conversation::give_up(std::string why) {
  gave_up_ = true;
  trouble_ = std::move(why);
}

void Conversation::feed(Side sender, View data) {
  if (data.empty() || gave_up_) return;
  carried_data_ = true;
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  started_ = started_ || (sender == Side::kClient && starts_client_hello(data));
  if (!started_) {
    // Clear text, a proxy CONNECT or a STARTTLS dialogue: TLS may still begin with a later write.
    before_tls_ += data.size();
    if (before_tls_ > kMaxBeforeTls) give_up("no TLS in the first 64 KiB");
    return;
  }
  if (stream.pending.size() + data.size() > kMaxPending) return give_up("more than 256 KiB before the handshake ended");
  stream.pending.insert(stream.pending.end(), data.begin(), data.end());
  records(sender);
}

void Conversation::records(Side sender) {
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  std::size_t at = 0;
  while (stream.pending.size() - at >= kHeader && !gave_up_) {
    const std::uint8_t* header = stream.pending.data() + at;
    const std::uint64_t size = std::uint64_t{header[3]} << 8 | header[4];
    if (header[0] < 20 || header[0] > 24 || header[1] != 3 || size > kMaxRecord) return give_up("the bytes are not TLS records");
    if (stream.pending.size() - at - kHeader < size) break;
    record(sender, header[0], View(stream.pending).subspan(at + kHeader, size));
    at += kHeader + size;
  }
  stream.pending.erase(stream.pending.begin(), stream.pending.begin() + static_cast<std::ptrdiff_t>(at));
}

void Conversation::record(Side sender, std::uint8_t type, View body) {
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  const auto content = static_cast<ContentType>(type);
  if (content == ContentType::kChangeCipherSpec) {
    if (!version13()) stream.encrypted = true;
    return;
  }
  if (stream.encrypted || content == ContentType::kApplicationData) return sealed_record(sender, type, body.size());
  if (content == ContentType::kHandshake) return handshake_bytes(sender, body);
  if (content == ContentType::kAlert && body.size() == 2 && !clear_alert_) clear_alert_ = SeenAlert{sender, false, body[0], body[1]};
}

void Conversation::sealed_record(Side sender, std::uint8_t type, std::uint64_t size) {
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  if (stream.sealed.size() < kSealedKept) stream.sealed.push_back(size);
  // In TLS 1.2 an encrypted alert still shows its type; behind both Finished it is close_notify.
  if (!version13() && static_cast<ContentType>(type) == ContentType::kAlert && !completed() && !clear_alert_)
    clear_alert_ = SeenAlert{sender, true, 0, 0};
  if (!completed()) return;
  data_after_ = true;
  const bool closing = version13() && alert_sized(size);
  const bool behind_finished = !version13() || stream.sealed.size() > 1;
  if (sender == Side::kClient && static_cast<ContentType>(type) == ContentType::kApplicationData && behind_finished && !closing) client_data_ = true;
}

void Conversation::handshake_bytes(Side sender, View body) {
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  if (stream.messages.size() + body.size() > kMaxPending) return give_up("a handshake message above 256 KiB");
  stream.messages.insert(stream.messages.end(), body.begin(), body.end());
  std::size_t at = 0;
  while (stream.messages.size() - at >= 4) {
    const std::uint8_t* header = stream.messages.data() + at;
    const std::size_t size = std::size_t{header[1]} << 16 | std::size_t{header[2]} << 8 | header[3];
    if (stream.messages.size() - at - 4 < size) break;
    message(sender, header[0], View(stream.messages).subspan(at + 4, size));
    at += 4 + size;
  }
  stream.messages.erase(stream.messages.begin(), stream.messages.begin() + static_cast<std::ptrdiff_t>(at));
}

void Conversation::message(Side sender, std::uint8_t type, View body) {
  constexpr std::uint8_t kClientHello = 1, kServerHello = 2, kCertificate = 11;
  if (sender == Side::kClient && type == kClientHello && !hello_) {
    if (auto hello = parse_client_hello(body))
      hello_ = std::move(*hello);
    else
      give_up(hello.error().text());
  }
  if (sender == Side::kServer && type == kServerHello) {
    if (auto hello = parse_server_hello(body))
      answer_ = std::move(*hello);
    else
      return give_up(hello.error().text());
    if (version13() && !answer_->retry) streams_[1].encrypted = true;
  }
  if (sender == Side::kServer && type == kCertificate && chain_.empty())
    if (auto chain = parse_certificate(body)) chain_ = std::move(*chain);
}

bool Conversation::completed() const {
  if (!answer_ || client().sealed.empty() || server().sealed.empty()) return false;
  if (!version13()) return !clear_alert_ || clear_alert_->level == 1;
  return !alert_sized(client().sealed.front());
}

std::optional<SeenAlert> Conversation::alert() const {
  if (clear_alert_) return clear_alert_;
  if (version13() && !client().sealed.empty() && alert_sized(client().sealed.front())) return SeenAlert{Side::kClient, true, 0, 0};
  return std::nullopt;
}

}  // namespace tlswhy::tls
