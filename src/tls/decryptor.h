#pragma once
// Opens the encrypted records of one connection with the secrets of a key log: all cipher suites of TLS 1.3 and the
// AEAD ones of TLS 1.2 (RFC 8446 §5.2, RFC 5246 §6.2.3.3, RFC 5288, RFC 6655, RFC 7905).

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "bytes/cursor.h"
#include "tls/keylog.h"
#include "x509/tls_crypto.h"

namespace tlswhy::tls {

struct Opened {
  std::uint8_t type = 0;  // ContentType of the inside
  x509::Octets content;
};

class Decryptor {
 public:
  // For a connection with this suite; kUnsupported for those without an AEAD cipher. `secrets` must outlive it.
  static base::Result<Decryptor> make(std::uint16_t suite, bool version13, const Secrets& secrets, const Random& client, const Random& server);

  // Opens the next record of one side: `header` its five bytes, `body` the rest. kNotFound: the log lacks the secret.
  base::Result<Opened> open(bool from_client, bytes::View header, bytes::View body);
  // That side's Finished has been seen: what follows is under its traffic secret (TLS 1.3).
  base::Result<void> finished(bool from_client);

 private:
  struct Suite {
    std::uint16_t number;
    x509::Aead aead;
    x509::Hash hash;
    std::size_t key, tag;
  };
  struct Side {
    x509::Octets key, iv;
    std::uint64_t sequence = 0;
    bool ready = false;
  };
  static const Suite* find_suite(std::uint16_t number);
  base::Result<void> use_secret(Side& side, const std::vector<std::uint8_t>& secret) const;
  base::Result<void> use_master(const Random& client, const Random& server);

  const Suite* suite_ = nullptr;
  bool version13_ = false;
  const Secrets* secrets_ = nullptr;
  Side sides_[2];  // client, server
};

}  // namespace tlswhy::tls
