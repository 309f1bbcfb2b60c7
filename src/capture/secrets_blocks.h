#pragma once
// The key log that a pcapng file may carry in itself: Decryption Secrets Blocks (draft-ietf-opsawg-pcapng §4.7), which
// libpcap passes over. Follows the blocks of a file as its bytes go by, in pieces of any size.

#include <cstdint>
#include <vector>

#include "bytes/cursor.h"
#include "tls/keylog.h"

namespace tlswhy::capture {

class SecretsBlocks {
 public:
  explicit SecretsBlocks(tls::KeyLog& keys) : keys_(keys) {}
  // The next bytes of the file, from its start on. For other formats nothing happens.
  void feed(bytes::View data);

 private:
  void header();
  void block();
  [[nodiscard]] std::uint32_t number(std::size_t at) const;

  tls::KeyLog& keys_;
  std::vector<std::uint8_t> held_;  // of the block header, or of a secrets block
  std::uint64_t skip_ = 0;          // bytes of an uninteresting block still to come
  std::uint64_t wanted_ = 12;       // bytes to hold before the next step
  bool big_endian_ = false, inside_ = false, first_ = true, off_ = false;
};

}  // namespace tlswhy::capture
