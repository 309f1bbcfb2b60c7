#include "tls/decryptor.h"

#include <algorithm>

namespace tlswhy::tls {

using base::Code;
using base::fail;
using base::Result;
using bytes::View;

namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kExplicit = 8;  // of the nonce, in each record of GCM and CCM under TLS 1.2

}  // namespace

const Decryptor::Suite* Decryptor::find_suite(std::uint16_t number) {
  using enum x509::Aead;
  using enum x509::Hash;
  static constexpr Suite kSuites[]{
      {0x1301, kAesGcm, kSha256, 16, 16},
      {0x1302, kAesGcm, kSha384, 32, 16},
      {0x1303, kChaCha20Poly1305, kSha256, 32, 16},
      {0x1304, kAesCcm, kSha256, 16, 16},
      {0x1305, kAesCcm, kSha256, 16, 8},
      {0x009c, kAesGcm, kSha256, 16, 16},
      {0x009d, kAesGcm, kSha384, 32, 16},
      {0x009e, kAesGcm, kSha256, 16, 16},
      {0x009f, kAesGcm, kSha384, 32, 16},
      {0xc02b, kAesGcm, kSha256, 16, 16},
      {0xc02c, kAesGcm, kSha384, 32, 16},
      {0xc02f, kAesGcm, kSha256, 16, 16},
      {0xc030, kAesGcm, kSha384, 32, 16},
      {0xcca8, kChaCha20Poly1305, kSha256, 32, 16},
      {0xcca9, kChaCha20Poly1305, kSha256, 32, 16},
      {0xccaa, kChaCha20Poly1305, kSha256, 32, 16},
      {0xc09c, kAesCcm, kSha256, 16, 16},
      {0xc09d, kAesCcm, kSha256, 32, 16},
      {0xc09e, kAesCcm, kSha256, 16, 16},
      {0xc09f, kAesCcm, kSha256, 32, 16},
      {0xc0ac, kAesCcm, kSha256, 16, 16},
      {0xc0ad, kAesCcm, kSha256, 32, 16},
      {0xc0ae, kAesCcm, kSha256, 16, 8},
      {0xc0af, kAesCcm, kSha256, 32, 8},
  };
  const auto* found = std::ranges::find(kSuites, number, &Suite::number);
  return found == std::end(kSuites) ? nullptr : found;
}

Result<Decryptor> Decryptor::make(std::uint16_t suite, bool version13, const Secrets& secrets, const Random& client, const Random& server) {
  Decryptor out;
  out.suite_ = find_suite(suite);
  out.version13_ = version13;
  out.secrets_ = &secrets;
  if (out.suite_ == nullptr) return fail(Code::kUnsupported, "a cipher suite that is not read");
  if (!version13) TRY_VOID(out.use_master(client, server));
  return out;
}

Result<void> Decryptor::use_secret(Side& side, const std::vector<std::uint8_t>& secret) const {
  if (secret.empty()) return fail(Code::kNotFound, "the key log lacks a secret");
  TRY(key, x509::expand_label(suite_->hash, secret, "key", suite_->key));
  TRY(iv, x509::expand_label(suite_->hash, secret, "iv", kNonce));
  side = {std::move(key), std::move(iv), 0, true};
  return {};
}

// key_block: both keys, then both implicit nonces (RFC 5246 §6.3); AEAD suites have no MAC keys.
Result<void> Decryptor::use_master(const Random& client, const Random& server) {
  if (secrets_->master.empty()) return fail(Code::kNotFound, "the key log lacks the master secret");
  x509::Octets seed(server.begin(), server.end());
  seed.insert(seed.end(), client.begin(), client.end());
  const std::size_t iv = suite_->aead == x509::Aead::kChaCha20Poly1305 ? kNonce : kNonce - kExplicit;
  TRY(block, x509::prf12(suite_->hash, secrets_->master, "key expansion", seed, 2 * suite_->key + 2 * iv));
  const View view(block);
  for (std::size_t i = 0; i < 2; ++i) {
    const View key = view.subspan(i * suite_->key, suite_->key), nonce = view.subspan(2 * suite_->key + i * iv, iv);
    sides_[i] = {{key.begin(), key.end()}, {nonce.begin(), nonce.end()}, 0, true};
  }
  return {};
}

Result<void> Decryptor::finished(bool from_client) {
  if (!version13_) return {};
  return use_secret(sides_[from_client ? 0 : 1], from_client ? secrets_->client_traffic : secrets_->server_traffic);
}

Result<Opened> Decryptor::open(bool from_client, View header, View body) {
  Side& side = sides_[from_client ? 0 : 1];
  if (!side.ready) TRY_VOID(use_secret(side, from_client ? secrets_->client_handshake : secrets_->server_handshake));
  x509::Octets number(kExplicit);
  for (std::size_t i = 0; i < kExplicit; ++i) number[kExplicit - 1 - i] = static_cast<std::uint8_t>(side.sequence >> (8 * i));
  x509::Octets nonce = side.iv, associated(header.begin(), header.end());
  if (nonce.size() == kNonce) {
    for (std::size_t i = 0; i < kExplicit; ++i) nonce[kNonce - kExplicit + i] ^= number[i];
  } else {
    if (body.size() < kExplicit) return fail(Code::kMalformed, "a record without its nonce");
    nonce.insert(nonce.end(), body.begin(), body.begin() + kExplicit);
    body = body.subspan(kExplicit);
  }
  if (body.size() < suite_->tag) return fail(Code::kMalformed, "a record shorter than its tag");
  if (!version13_) {
    const std::size_t inside = body.size() - suite_->tag;
    associated[3] = static_cast<std::uint8_t>(inside >> 8), associated[4] = static_cast<std::uint8_t>(inside);
    associated.insert(associated.begin(), number.begin(), number.end());
  }
  TRY(content, x509::open_aead(suite_->aead, side.key, nonce, associated, body, suite_->tag));
  ++side.sequence;
  if (!version13_) return Opened{header[0], std::move(content)};
  while (!content.empty() && content.back() == 0) content.pop_back();
  if (content.empty()) return fail(Code::kMalformed, "a record without a type");
  const std::uint8_t type = content.back();
  content.pop_back();
  return Opened{type, std::move(content)};
}

}  // namespace tlswhy::tls
