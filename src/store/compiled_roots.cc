#include "store/compiled_roots.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string_view>

#include "store/pem_dialects.h"

namespace tlswhy::store {
namespace {

constexpr std::size_t kMaxRoots = 5'000;

void keep(base::Result<x509::Certificate> one, CompiledRoots& out) {
  if (one && one->is_ca() && out.certificates.size() < kMaxRoots) out.certificates.try_emplace(one->sha256(), *one);
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

// Certificate and TBSCertificate, both of two length bytes, then [0] { INTEGER
// 2 } (RFC 5280 §4.1).
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

// Where the relative distinguished names begin that end at `end`: SET {
// SEQUENCE { OBJECT IDENTIFIER …, with lengths of one byte or two (RFC 5280
// §4.1.2.4). `end` itself when there is none.
std::size_t name_before(bytes::View data, std::size_t end) {
  constexpr std::size_t kShortest = 8, kLongest = 255, kLongestName = 1024;
  const std::size_t limit = end - std::min(end, kLongestName);
  std::size_t begin = end;
  for (std::size_t length = kShortest; length <= kLongest; ++length) {
    const std::size_t head = length < 128 ? 2 : 3;
    if (begin - limit < length + head) break;
    const std::size_t at = begin - length - head;
    const bytes::View set = data.subspan(at, head + length);
    const bool is_set = set[0] == 0x31 && set[head - 1] == length && (head == 2 || set[1] == 0x81);
    if (!is_set || set[head] != 0x30 || (set[head + 2] != 0x06 && set[head + 3] != 0x06)) continue;
    begin = at;
    length = kShortest - 1;  // the one before it
  }
  return begin;
}

// rustls' TrustAnchor, as webpki-roots writes it down: what a Name and a
// SubjectPublicKeyInfo contain, two literals of which the second stands behind
// the first. In a certificate the head of the second stands between them.
void find_keys(bytes::View window, std::size_t size, CompiledRoots& out) {
  using namespace std::string_view_literals;
  // The AlgorithmIdentifiers of RSA and of both lengths with elliptic curves
  // (RFC 3279 §2.3.1, RFC 5480 §2.1.1).
  constexpr std::array kAlgorithms{"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv, "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"sv,
                                   "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"sv};
  constexpr std::size_t kKey = 80;  // bytes that tell keys apart
  const std::string_view text(reinterpret_cast<const char*>(window.data()), window.size());
  for (const std::string_view algorithm : kAlgorithms)
    for (std::size_t at = text.find(algorithm); at < text.size(); at = text.find(algorithm, at + 1)) {
      const std::size_t begin = name_before(window, at);
      if (begin == at || begin >= size || out.names.size() >= kMaxRoots) continue;
      const std::string name = x509::name_text(window.subspan(begin, at - begin));
      if (!name.empty()) out.names.try_emplace(std::string(text.substr(at, kKey)), name);
    }
}

}  // namespace

std::vector<std::string> CompiledRoots::subjects() const {
  std::vector<std::string> out;
  for (const auto& [digest, certificate] : certificates) out.push_back(certificate.subject());
  const std::set<std::string> whole(out.begin(), out.end());
  for (const auto& [key, name] : names)
    if (!whole.contains(name)) out.push_back(name + " (key only)");
  std::ranges::sort(out);
  return out;
}

void find_compiled_roots(bytes::View window, std::size_t size, CompiledRoots& out) {
  find_pem({reinterpret_cast<const char*>(window.data()), window.size()}, size, out);
  find_der(window, size, out);
  find_keys(window, size, out);
}

}  // namespace tlswhy::store
