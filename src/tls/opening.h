#pragma once
// Where TLS begins in what a client sends: a ClientHello by itself, in small pieces, after words of another protocol in the same
// segment (PROXY headers, MySQL's SSLRequest), in SSLv2's old form (RFC 5246 §E.2), or wrapped in packets of TDS (MS-TDS 2.2.1.2).

#include <cstdint>
#include <optional>
#include <vector>

#include "bytes/cursor.h"
#include "tls/record.h"

namespace tlswhy::tls {

// The offset of a ClientHello's record in `data`; nothing if none begins in the first two kilobytes.
std::optional<std::size_t> hello_at(bytes::View data);
// True if these few bytes may be the beginning of a ClientHello's record.
bool may_begin_hello(bytes::View data);

// A ClientHello in SSLv2's form, whole: what it says, and its size.
struct OldHello {
  ClientHello hello;
  std::size_t size = 0;
};
std::optional<OldHello> old_hello(bytes::View data);

// True for a first packet of TDS before a ClientHello at `hello`.
bool is_tds(bytes::View data, std::size_t hello);

// Takes TLS out of TDS packets, as long as there are any.
class TdsUnwrapper {
 public:
  std::vector<std::uint8_t> take(bytes::View data);

 private:
  std::vector<std::uint8_t> head_;
  std::size_t left_ = 0;
  bool plain_ = false;
};

}  // namespace tlswhy::tls
