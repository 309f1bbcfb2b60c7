#pragma once
// The cryptography of TLS records, for reading a handshake whose secrets a program gave away in a key log: HKDF
// (RFC 5869), the PRF of TLS 1.2 (RFC 5246 §5), the AEAD ciphers (RFC 5116, RFC 8439). All of it is OpenSSL's.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/cursor.h"

namespace tlswhy::x509 {

enum class Hash { kSha256, kSha384 };
enum class Aead { kAesGcm, kAesCcm, kChaCha20Poly1305 };

using Octets = std::vector<std::uint8_t>;

// HKDF-Expand-Label with an empty context (RFC 8446 §7.1). kSystem when OpenSSL refuses.
base::Result<Octets> expand_label(Hash hash, bytes::View secret, std::string_view label, std::size_t size);

// PRF(secret, label, seed) of TLS 1.2.
base::Result<Octets> prf12(Hash hash, bytes::View secret, std::string_view label, bytes::View seed, std::size_t size);

// Opens `sealed`, the last `tag` bytes of which are the tag. kMalformed when it does not verify.
base::Result<Octets> open_aead(Aead aead, bytes::View key, bytes::View nonce, bytes::View associated, bytes::View sealed, std::size_t tag);

}  // namespace tlswhy::x509
