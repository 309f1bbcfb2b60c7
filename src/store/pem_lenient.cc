#include "store/pem_lenient.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace tlswhy::store {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----";
constexpr std::size_t kMaxBlocks = 20'000;
constexpr auto kNone = std::string_view::npos;

void damaged(PemRead& out, std::size_t offset, std::string_view what) {
  if (out.damage.empty()) out.damage = fmt::format("pem+{:#x}: {}", offset, what);
}

// A line ends with either of its two characters (read_until_newline), which
// leaves empty ones between them.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find_first_of("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == kNone ? rest.size() : end + 1);
  return line;
}

// "LABEL" of "-----BEGIN LABEL-----", with blanks behind it; nothing if it has
// not just five dashes.
std::optional<std::string_view> label_of(std::string_view line) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  if (!line.ends_with(kDashes)) return std::nullopt;
  const std::size_t last = line.find_last_not_of('-');
  if (last == kNone || line.size() - last - 1 != kDashes.size() || last < kBegin.size()) return std::nullopt;
  return line.substr(kBegin.size(), last + 1 - kBegin.size());
}

struct Block {
  std::size_t start = 0;
  std::string_view text;
  bool closed = false;
};

// The next block from `at` on, wherever on a line it begins and ends; `at`
// moves behind it.
bool find_block(std::string_view data, std::size_t& at, Block& out, std::string_view label) {
  const std::string head = fmt::format("{}{}{}", kBegin, label, kDashes), foot = fmt::format("{}{}{}", kEnd, label, kDashes);
  const std::size_t start = data.find(head, at);
  if (start == kNone) return false;
  const std::size_t end = data.find(foot, start), body = start + head.size();
  out = {start, data.substr(body, end == kNone ? kNone : end - body), end != kNone};
  at = end == kNone ? data.size() : end + foot.size();
  return true;
}

// Calls `take` with each block and what stands behind it, until it returns
// false or there are too many.
template <typename Take>
PemRead each_block(std::string_view data, Take take, std::string_view label = "CERTIFICATE") {
  PemRead out;
  Block block;
  std::size_t at = 0;
  for (std::size_t blocks = 0; blocks < kMaxBlocks && find_block(data, at, block, label); ++blocks)
    if (!take(out, block, data.substr(at))) break;
  return out;
}

bool ends_file(PemRead& out, const Block& block) {
  damaged(out, block.start, "a block that does not begin or end as it should");
  return false;
}

bool take_line_feed(std::string_view& text) {
  if (text.starts_with('\r')) text.remove_prefix(1);
  if (!text.starts_with('\n')) return false;
  text.remove_prefix(1);
  return true;
}

// The SEQUENCE that `der` begins with, without what is behind it (X.690
// §8.1.3); all of it when that can't be told.
std::vector<std::uint8_t> first_value(const std::vector<std::uint8_t>& der) {
  if (der.size() < 4 || der[0] != 0x30 || der[1] != 0x82) return der;
  const std::size_t size = 4 + (std::size_t{der[2]} << 8U) + der[3];
  return size < der.size() ? std::vector(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size)) : der;
}

void keep(std::string_view text, std::size_t offset, KnownCertificates* known, PemRead& out, bool more_behind = false) {
  // OpenSSL's reader takes '-' for the end of the data; these take it for a
  // mistake.
  const auto der = x509::decode_base64(text);
  if (!der || text.contains('-')) return out.bad_text = true, damaged(out, offset, "not base64");
  if (auto certificate = parse_once(more_behind ? first_value(*der) : *der, known))
    out.certificates.push_back(std::move(*certificate));
  else
    damaged(out, offset, "not a certificate");
}

}  // namespace

PemRead read_rustls(std::string_view data, KnownCertificates* known) {
  PemRead out;
  std::string_view rest = data, label;
  std::string body;
  std::size_t start = 0, blocks = 0;
  while (!rest.empty() && blocks < kMaxBlocks) {
    const std::size_t offset = data.size() - rest.size();
    const std::string_view line = take_line(rest);
    if (line.starts_with(kBegin)) {
      const auto found = label_of(line);
      // What was gathered stays, unless the line itself is bad.
      if (!found) out.bad_text = true, damaged(out, offset, "a bad BEGIN line"), body.clear(), ++blocks;
      label = found.value_or("");
      start = offset;
    } else if (!label.empty() && line.starts_with(fmt::format("{}{}{}", kEnd, label, kDashes))) {
      if (label == "CERTIFICATE") keep(body, start, known, out);
      label = "", body.clear(), ++blocks;
    } else if (!label.empty()) {
      body.append(line);
    }
  }
  if (!label.empty()) out.bad_text = true, damaged(out, start, "file ends inside a block");
  return out;
}

PemRead read_mbedtls(std::string_view data, KnownCertificates* known) {
  // strstr(3) sees nothing behind a NUL.
  return each_block(data.substr(0, data.find('\0')), [&](PemRead& out, Block block, std::string_view) {
    for (const char one : {' ', '\r'})
      if (block.text.starts_with(one)) block.text.remove_prefix(1);
    if (!block.closed || !block.text.starts_with('\n')) return ends_file(out, block);
    keep(block.text, block.start, known, out);
    return true;
  });
}

PemRead read_wolfssl(std::string_view data, KnownCertificates* known) {
  return each_block(data, [&](PemRead& out, const Block& block, std::string_view) {
    // Padding ends the text; a blank or a dash before that is a mistake.
    const std::string_view text = block.text.substr(0, block.text.find_first_not_of('=', std::min(block.text.find('='), block.text.size())));
    if (!block.closed || text.find_first_of(" \t") != kNone)
      damaged(out, block.start, "not base64");
    else
      keep(text, block.start, known, out);
    return true;
  });
}

PemRead read_p11_pem(std::string_view data, KnownCertificates* known) {
  // Nor does strnstr(3).
  return each_block(data.substr(0, data.find('\0')), [&](PemRead& out, const Block& block, std::string_view) {
    if (!block.closed) return ends_file(out, block);
    keep(block.text, block.start, known, out);
    return true;
  });
}

PemRead read_p11_trusted(std::string_view data) {
  const auto take = [](PemRead& out, const Block& block, std::string_view) {
    const auto der = x509::decode_base64(block.text);
    auto one = der ? x509::Certificate::parse_trusted(*der) : base::Result<x509::TrustedCertificate>(base::fail(base::Code::kMalformed, ""));
    if (one) (one->for_tls_servers ? out.certificates : out.rejected).push_back(std::move(one->certificate));
    return true;
  };
  return each_block(data, take, "TRUSTED CERTIFICATE");
}

PemRead read_qt(std::string_view data, KnownCertificates* known) {
  return each_block(data, [&](PemRead& out, Block block, std::string_view behind) {
    if (!block.closed || !take_line_feed(block.text) || !(behind.empty() || take_line_feed(behind))) return ends_file(out, block);
    // QByteArray::fromBase64 passes over what is no base64; d2i_X509 takes
    // a certificate with anything behind it.
    std::string text(block.text);
    std::erase_if(text, [](unsigned char one) { return std::isalnum(one) == 0 && one != '+' && one != '/'; });
    text.resize(text.size() / 4 * 4 + (text.size() % 4 > 1 ? text.size() % 4 : 0));
    while (text.size() % 4 != 0) text.push_back('=');
    keep(text, block.start, known, out, true);
    return true;
  });
}

}  // namespace tlswhy::store
