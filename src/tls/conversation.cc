// Bites: a handshake message may span records and a record may hold several messages (RFC 8446 §5.1); in
// TLS 1.3 everything behind the ServerHello travels as application data, ChangeCipherSpec is only a dummy
// (§D.4), and an alert is one encrypted record, shorter than anything else (§5.2).

#include "tls/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tlswhy::tls {

using bytes::View;

namespace {

constexpr std::size_t kMaxPending = 256U << 10;
constexpr std::uint64_t kMaxBeforeTls = 64U << 10;  // a proxy CONNECT or STARTTLS dialogue is shorter
constexpr std::size_t kMaxPrelude = 2048;
constexpr std::size_t kMaxGreeting = 512;
constexpr std::size_t kMaxHello = 17U << 10;
constexpr std::uint64_t kMaxRecord = (1U << 14) + 2048;
constexpr std::size_t kHeader = 5;
constexpr std::size_t kSealedKept = 8;
constexpr std::size_t kMaxWaiting = 32;
constexpr std::uint8_t kCloseNotify = 0;

// Two bytes of alert, one of inner type, a tag of 16 (8 in the CCM_8 suites); JSSE pads with 16 more
// (sun.security.ssl.SSLCipher). The shortest Finished is 4 + 32 + 1 + 8, so nothing else is as short.
bool alert_sized(std::uint64_t size) { return size == 11 || size == 19 || size == 35; }

bool head_of_record(const std::uint8_t* head) {
  return head[0] >= 20 && head[0] <= 24 && head[1] == 3 && (std::uint64_t{head[3]} << 8 | head[4]) <= kMaxRecord;
}

void append(std::vector<std::uint8_t>& out, View data, std::size_t limit) {
  const std::size_t room = limit - std::min(limit, out.size());
  out.insert(out.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(std::min(data.size(), room)));
}

// A Finished of TLS 1.3 in a record of its own: four bytes of header, a digest, then as above.
bool finished_sized(std::uint16_t suite, std::uint64_t size) {
  constexpr std::uint16_t kAes256Sha384 = 0x1302;
  const std::uint64_t usual = (suite == kAes256Sha384 ? 48U : 32U) + 21U;
  return size == usual || size == usual - 8 || size == usual + 16;
}

}  // namespace

void Conversation::give_up(std::string why) {
  gave_up_ = true;
  trouble_ = std::move(why);
}

void Conversation::feed(Side sender, View data) {
  if (data.empty() || gave_up_) return;
  carried_data_ = true;
  server_spoke_ = server_spoke_ || sender == Side::kServer;
  if (!started_) return sender == Side::kClient ? client_opens(data) : server_opens(data);
  if (deaf_to(sender)) return;  // its stream may have been left out in between
  if (sender == Side::kServer && version13() && keys_ == nullptr && completed()) return heads(data);
  std::vector<std::uint8_t> unwrapped;
  if (tds_) data = unwrapped = tds_->at(sender == Side::kServer ? 1 : 0).take(data);
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  if (stream.pending.size() + data.size() > kMaxPending) return give_up("more than 256 KiB before the handshake ended");
  stream.pending.insert(stream.pending.end(), data.begin(), data.end());
  records(sender);
}

// Clear text, a proxy CONNECT or a STARTTLS dialogue: TLS may still begin with a later write.
void Conversation::client_opens(View data) {
  std::vector<std::uint8_t> joined = std::move(held_);
  held_.clear();
  joined.insert(joined.end(), data.begin(), data.end());
  if (may_begin_hello(joined)) return static_cast<void>(held_ = std::move(joined));
  const View all(joined);
  if (auto old = old_hello(all)) {
    started_ = true;
    hello_ = std::move(old->hello);
    hello_size_ = old->size;
    if (old->size < all.size()) feed(Side::kClient, all.subspan(old->size));
  } else if (const auto at = hello_at(all)) {
    started_ = true;
    append(prelude_, all.first(*at), kMaxPrelude);
    const bool wrapped = is_tds(all, *at);
    if (wrapped) tds_.emplace();
    feed(Side::kClient, wrapped ? all : all.subspan(*at));
  } else {
    before_tls_ += data.size();
    append(prelude_, all, kMaxPrelude);
    reply_.clear();
    if (before_tls_ > kMaxBeforeTls) give_up("no TLS in the first 64 KiB");
    return;
  }
  if (const std::vector<std::uint8_t> early = std::move(early_); !early.empty()) feed(Side::kServer, early);
}

// In a capture the two directions may be out of order: a ServerHello waits for the ClientHello.
void Conversation::server_opens(View data) {
  constexpr std::size_t kTold = 6;
  constexpr std::uint8_t kHandshake = 22, kServerHello = 2;
  const bool is_answer = data.size() >= kTold && data[0] == kHandshake && data[1] == 3 && data[5] == kServerHello;
  if (is_answer || !early_.empty()) return append(early_, data, kMaxBeforeTls);
  before_tls_ += data.size();
  append(prelude_.empty() ? greeting_ : reply_, data, kMaxGreeting);
  if (before_tls_ > kMaxBeforeTls) give_up("no TLS in the first 64 KiB");
}

// Of the server's records after the client's Finished the heads tell all there is to tell. Of its flight a part was passed over, but
// the client can't finish before it has read all of that, so a record begins here, unless the client had read in advance.
void Conversation::heads(View data) {
  std::vector<std::uint8_t>& head = streams_[1].pending;
  if (!std::exchange(resumed_, true)) head.clear();
  while (!data.empty() && !lost_) {
    const std::size_t passed = std::min<std::uint64_t>(skip_, data.size());
    skip_ -= passed;
    data = data.subspan(passed);
    const std::size_t taken = std::min(kHeader - head.size(), data.size());
    head.insert(head.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(taken));
    data = data.subspan(taken);
    if (head.size() < kHeader) return;
    skip_ = std::uint64_t{head[3]} << 8 | head[4];
    lost_ = !head_of_record(head.data());
    if (!lost_) sealed_record(Side::kServer, head[0], skip_);
    head.clear();
  }
}

void Conversation::records(Side sender) {
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  std::size_t at = 0;
  while (stream.pending.size() - at >= kHeader && !gave_up_) {
    const std::uint8_t* header = stream.pending.data() + at;
    const std::uint64_t size = std::uint64_t{header[3]} << 8 | header[4];
    if (!head_of_record(header)) {
      if (sender == Side::kServer && !answer_ && at == 0) append(clear_answer_, View(stream.pending), kMaxGreeting);
      return give_up("the bytes are not TLS records");
    }
    if (stream.pending.size() - at - kHeader < size) break;
    record(sender, header[0], View(stream.pending).subspan(at, kHeader + size));
    at += kHeader + size;
  }
  stream.pending.erase(stream.pending.begin(), stream.pending.begin() + static_cast<std::ptrdiff_t>(at));
}

void Conversation::record(Side sender, std::uint8_t type, View whole) {
  const View body = whole.subspan(kHeader);
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  const auto content = static_cast<ContentType>(type);
  if (content == ContentType::kChangeCipherSpec) {
    if (!version13()) stream.encrypted = true;
    return;
  }
  if (stream.encrypted || content == ContentType::kApplicationData) {
    // With the secrets the record itself tells; its size only hints.
    if (keys_ != nullptr && !undecryptable_ && !settled() && stream.waiting.size() < kMaxWaiting) {
      stream.waiting.emplace_back(whole.begin(), whole.end());
      unseal(sender);
      if (decrypted_ && sender == Side::kServer) unseal(Side::kClient);
    }
    return sealed_record(sender, type, body.size());
  }
  if (sender == Side::kClient && content == ContentType::kHandshake && !hello_) {
    hello_size_ += whole.size();
    append(hello_message_, whole, kMaxHello);
  }
  if (content == ContentType::kHandshake) return handshake_bytes(sender, body);
  if (content == ContentType::kAlert) clear_alert(sender, body);
}

// Its two bytes may come in records of their own. A warning is no end: what comes after it counts.
void Conversation::clear_alert(Side sender, View body) {
  std::vector<std::uint8_t>& bytes = streams_[sender == Side::kServer ? 1 : 0].alert;
  append(bytes, body, 2);
  if (bytes.size() < 2) return;
  constexpr std::uint8_t kWarning = 1;
  if (!clear_alert_ || (!clear_alert_->encrypted && clear_alert_->level == kWarning)) clear_alert_ = SeenAlert{sender, false, bytes[0], bytes[1]};
  bytes.clear();
}

void Conversation::sealed_record(Side sender, std::uint8_t type, std::uint64_t size) {
  const bool after = completed();
  const Sealed record{type, size};
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  if (stream.sealed.size() < kSealedKept) stream.sealed.push_back(record);
  if (after && sender == Side::kServer && after_.size() < kSealedKept) after_.push_back(record);
  if (after && !closed_by_ && looks_like_alert(record)) closed_by_ = sender;
  if (version13()) return;
  // In TLS 1.2 an encrypted record still shows its type; an alert after both Finished is close_notify. Data may go before the
  // server's Finished (RFC 7918).
  const auto content = static_cast<ContentType>(type);
  if (content == ContentType::kAlert && !completed() && !clear_alert_) clear_alert_ = SeenAlert{sender, true, 0, 0};
  if (content == ContentType::kApplicationData && sender == Side::kClient) client_data_ = true;
}

bool Conversation::looks_like_alert(const Sealed& record) const {
  return static_cast<ContentType>(record.type) == ContentType::kAlert || (version13() && alert_sized(record.size));
}

bool Conversation::prepare_decryptor() {
  if (decryptor_) return true;
  if (!hello_ || !answer_) return false;
  const Secrets* secrets = keys_->find(hello_->random);
  if (secrets == nullptr) return false;
  auto made = Decryptor::make(answer_->suite, version13(), *secrets, hello_->random, answer_->random);
  if (made) decryptor_ = std::move(*made);
  if (!made && made.error().code == base::Code::kUnsupported) undecryptable_ = true;
  return decryptor_.has_value();
}

// Opens what waits, in order. A record whose secret is missing stays; one that does not verify ends it all.
void Conversation::unseal(Side sender) {
  Stream& stream = streams_[sender == Side::kServer ? 1 : 0];
  while (!stream.waiting.empty() && !undecryptable_ && prepare_decryptor()) {
    const View whole(stream.waiting.front());
    const auto opened = decryptor_->open(sender == Side::kClient, whole.first(kHeader), whole.subspan(kHeader));
    if (!opened && opened.error().code == base::Code::kNotFound) return;
    if (!opened) {
      undecryptable_ = true;
      return;
    }
    stream.waiting.pop_front();
    decrypted_ = true;
    inner(sender, *opened);
  }
}

void Conversation::retry() {
  if (keys_ == nullptr) return;
  for (const Side side : {Side::kServer, Side::kClient}) unseal(side);
}

void Conversation::inner(Side sender, const Opened& record) {
  const auto content = static_cast<ContentType>(record.type);
  if (content == ContentType::kHandshake) handshake_bytes(sender, record.content);
  if (content == ContentType::kApplicationData && sender == Side::kClient) client_data_ = true;
  if (content == ContentType::kAlert && record.content.size() == 2 && record.content[1] != kCloseNotify && (!clear_alert_ || clear_alert_->encrypted))
    clear_alert_ = SeenAlert{sender, false, record.content[0], record.content[1]};
}

std::size_t Conversation::buffered() const {
  std::size_t out = 0;
  for (const Stream& stream : streams_) {
    out += stream.pending.size() + stream.messages.size();
    for (const auto& record : stream.waiting) out += record.size();
  }
  for (const auto& der : chain_) out += der.size();
  if (client_chain_)
    for (const auto& der : *client_chain_) out += der.size();
  if (request_)
    for (const auto& name : *request_) out += name.size();
  return out + held_.size() + early_.size() + prelude_.size() + greeting_.size() + clear_answer_.size() + reply_.size() + hello_message_.size();
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

void Conversation::client_message(std::uint8_t type, View body) {
  constexpr std::uint8_t kClientHello = 1, kCertificate = 11;
  if (type == kClientHello && !hello_) {
    auto hello = parse_client_hello(body);
    // One that can't be read whole is one all the same, and the server has something to say to it.
    if (!hello) trouble_ = hello.error().text();
    hello_ = hello ? std::move(*hello) : ClientHello{};
  }
  if (type == kCertificate && !client_chain_)
    if (auto chain = version13() ? parse_certificate13(body) : parse_certificate(body)) client_chain_ = std::move(*chain);
}

void Conversation::server_message(std::uint8_t type, View body) {
  constexpr std::uint8_t kCompressedCertificate = 25;
  compressed_chain_ = compressed_chain_ || type == kCompressedCertificate;
  constexpr std::uint8_t kServerHello = 2, kEncryptedExtensions = 8, kCertificate = 11, kCertificateRequest = 13;
  if (type == kServerHello) {
    auto hello = parse_server_hello(body);
    if (!hello) return give_up(hello.error().text());
    answer_ = std::move(*hello);
    hello_message_ = {};
    if (!version13()) alpn_ = answer_->alpn;
    if (version13() && !answer_->retry) streams_[1].encrypted = true;
  }
  if (type == kEncryptedExtensions && version13())
    if (auto protocol = parse_encrypted_extensions(body)) alpn_ = std::move(*protocol);
  if (type == kCertificate && chain_.empty())
    if (auto chain = version13() ? parse_certificate13(body) : parse_certificate(body)) chain_ = std::move(*chain);
  if (type == kCertificateRequest && !request_)
    if (auto authorities = parse_certificate_request(body, version13())) request_ = std::move(*authorities);
}

void Conversation::message(Side sender, std::uint8_t type, View body) {
  constexpr std::uint8_t kFinished = 20;
  if (sender == Side::kClient)
    client_message(type, body);
  else
    server_message(type, body);
  if (type == kFinished && decryptor_) (void)decryptor_->finished(sender == Side::kClient);
}

// With less than a record's head it is clear text as well, if no record can begin so.
std::optional<ClearText> Conversation::clear_answer() const {
  if (answer_) return std::nullopt;
  if (!hello_) return prelude_.empty() || reply_.empty() ? std::nullopt : refused_prelude(prelude(), reply_);
  if (!clear_answer_.empty()) return name_clear_text(clear_answer_);
  const auto& rest = server().pending;
  if (hello_ && rest.size() < kHeader && !rest.empty() && (rest[0] < 20 || rest[0] > 24)) return name_clear_text(rest);
  if (!greeting_.empty() && prelude_.empty()) return name_clear_text(greeting_);
  return std::nullopt;
}

// A Certificate without certificates is a record of 25 bytes, or joins the Finished (RFC 8446 §4.4.2, §5.2).
bool Conversation::client_sent_no_certificate() const {
  constexpr std::uint64_t kEmpty = 8, kSealing = 17;
  if (!client_was_asked()) return false;
  const std::uint64_t first = client().sealed.front().size;
  return first == kEmpty + kSealing || first == kEmpty + kSealing + 16 || first == kEmpty + kSealing - 8 ||
         finished_sized(answer_->suite, first - kEmpty);
}

bool Conversation::completed() const {
  if (!answer_ || client().sealed.empty() || server().sealed.empty()) return false;
  if (!version13()) return !clear_alert_ || clear_alert_->level == 1;
  return !alert_sized(client().sealed.front().size);
}

bool Conversation::client_finished() const {
  return answer_ && !client().sealed.empty() && !(version13() && alert_sized(client().sealed.front().size));
}

// TLS 1.3: which of the client's encrypted records is its Finished, or has it as its last message. With a certificate there may be
// three records (OpenSSL, Go) or one (BoringSSL).
std::size_t Conversation::finished_at() const {
  constexpr std::size_t kLongest = 4;
  const auto& sealed = client().sealed;
  for (std::size_t i = 0; i < sealed.size() && i < kLongest; ++i)
    if (finished_sized(answer_->suite, sealed[i].size)) return i;
  return 0;
}

bool Conversation::client_was_asked() const {
  constexpr std::uint64_t kEndOfEarlyData = 21;
  if (!version13() || !client_finished()) return false;
  const std::uint64_t first = client().sealed.front().size;
  return first != kEndOfEarlyData && !finished_sized(answer_->suite, first);
}

bool Conversation::client_sent_data() const {
  constexpr std::uint64_t kPaddedAlert = 35;  // JSSE's, and a request of 18 bytes: answered, it was the latter
  if (client_data_ || !version13() || !completed()) return client_data_;
  const auto& sealed = client().sealed;
  return std::any_of(sealed.begin() + static_cast<std::ptrdiff_t>(finished_at()) + 1, sealed.end(),
                     [&](const Sealed& one) { return !looks_like_alert(one) || (one.size == kPaddedAlert && server_sent_data()); });
}

bool Conversation::server_sent_data() const {
  return std::ranges::any_of(after_, [&](const Sealed& one) {
    return version13() ? !looks_like_alert(one) : static_cast<ContentType>(one.type) == ContentType::kApplicationData;
  });
}

bool Conversation::server_alerted_after() const {
  return version13() && !decrypted_ && after_.size() == 1 && looks_like_alert(after_.front()) && closed_by_ == Side::kServer;
}

// A connection that only one side uses is left alone after a few records as well.
bool Conversation::settled() const {
  if (gave_up_ || !completed()) return gave_up_;
  const bool answered = lost_ || std::ranges::any_of(after_, [&](const Sealed& one) { return !looks_like_alert(one); });
  return after_.size() >= kSealedKept || (client_sent_data() && (answered || client().sealed.size() >= kSealedKept));
}

std::optional<SeenAlert> Conversation::alert() const {
  if (clear_alert_) return clear_alert_;
  if (version13() && !client().sealed.empty() && alert_sized(client().sealed.front().size)) return SeenAlert{Side::kClient, true, 0, 0};
  if (server_alerted_after() && client_was_asked()) return SeenAlert{Side::kServer, true, 0, 0};
  return std::nullopt;
}

}  // namespace tlswhy::tls
