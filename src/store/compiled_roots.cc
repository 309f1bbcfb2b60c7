#include "store/compiled_roots.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "store/pem_dialects.h"

namespace tlswhy::store {
namespace {

constexpr std::size_t kMaxRoots = 5'000;

void keep(base::Result<x509::Certificate> one, CompiledRoots& out) {
  if (one && one->is_ca() && out.size() < kMaxRoots) out.try_emplace(one->sha256(), *one);
}

void find_pem(std::string_view text, std::size_t size, CompiledRoots& out) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
  for (std::size_t at = text.find(kBegin); at < size; at = text.find(kBegin, at + 1)) {
    const std::string_view rest = text.substr(at, kLongestRoot);
    const std::size_t end = rest.find(kEnd);
    if (end == std::string_view::npos) continue;
    for (x509::Certificate& one : read_pem_as(Dialect::kGo, rest.substr(0, end + kEnd.size())).certificates) keep(std::move(one), out);
  }
}

// Certificate and TBSCertificate, both of two length bytes, then [0] { INTEGER 2 } (RFC 5280 §4.1).
void find_der(bytes::View window, std::size_t size, CompiledRoots& out) {
  constexpr std::array<std::uint8_t, 5> kVersion3{0xa0, 0x03, 0x02, 0x01, 0x02};
  constexpr std::size_t kBefore = 8;
  const std::uint8_t* const data = window.data();
  std::size_t at = 0;
  while (at < window.size()) {
    const void* hit = ::memmem(data + at, window.size() - at, kVersion3.data(), kVersion3.size());
    if (hit == nullptr) return;
    const auto place = static_cast<std::size_t>(static_cast<const std::uint8_t*>(hit) - data);
    at = place + 1;
    if (place < kBefore || place - kBefore >= size) continue;
    const std::uint8_t* start = data + place - kBefore;
    if (start[0] != 0x30 || start[1] != 0x82 || start[4] != 0x30 || start[5] != 0x82) continue;
    const std::size_t length = 4 + (std::size_t{start[2]} << 8U) + start[3];
    if (length <= kLongestRoot && length <= window.size() - (place - kBefore)) keep(x509::Certificate::parse({start, length}), out);
  }
}

}  // namespace

void find_compiled_roots(bytes::View window, std::size_t size, CompiledRoots& out) {
  find_pem({reinterpret_cast<const char*>(window.data()), window.size()}, size, out);
  find_der(window, size, out);
}

}  // namespace tlswhy::store
