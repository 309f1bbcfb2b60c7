#include "store/pem_dialects.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "store/pem_lenient.h"

namespace tlswhy::store {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----", kMark = "\xef\xbb\xbf";
constexpr std::size_t kMaxBlocks = 20'000;
constexpr auto kNone = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// One line without its end and what is blank before that; `rest` goes on behind
// it.
std::string_view take_line(std::string_view& rest, bool (*blank)(char)) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (!line.empty() && blank(line.back())) line.remove_suffix(1);
  return line;
}

// How a reader of the OpenSSL family differs from 3.x' PEM_X509_INFO_read_bio.
struct Ways {
  bool skips_mark = true;      // a byte order mark, from 3.0 on
  bool one_by_one = false;     // PEM_read_bio_X509 in a loop
  bool dash_ends_text = true;  // EVP_DecodeUpdate takes '-' for the end of the
                               // data; BoringSSL's for a mistake
  bool nul_ends_file = true;   // a line that begins with NUL is of length 0 to
                               // fgets(3), not to a memory BIO
};

class Reader {
 public:
  Reader(std::string_view data, KnownCertificates* known) : all_(data), rest_(data), known_(known) {}

  PemRead openssl(const Ways& ways);
  PemRead gnutls();
  PemRead go();

 private:
  // What became of one block.
  enum class End { kKept, kBad, kPassedOver };

  // Parses the base64 text of a block with this label and keeps it.
  End keep(std::string_view label, std::string_view text, bool with_trusted) {
    const auto der = x509::decode_base64(text);
    if (!der) return End::kBad;
    const bool trusted = label == "TRUSTED CERTIFICATE";
    if (label != "CERTIFICATE" && label != "X509 CERTIFICATE" && !(trusted && with_trusted)) return End::kPassedOver;
    if (trusted) return keep_trusted(*der);
    auto certificate = parse_once(*der, known_);
    if (!certificate) return End::kBad;
    out_.certificates.push_back(std::move(*certificate));
    return End::kKept;
  }

  End keep_trusted(bytes::View der) {
    auto one = x509::Certificate::parse_trusted(der);
    if (!one) return End::kBad;
    if (!one->for_tls_servers) return out_.rejected.push_back(std::move(one->certificate)), End::kPassedOver;
    out_.certificates.push_back(std::move(one->certificate));
    return End::kKept;
  }

  void damaged(std::size_t offset, std::string_view what) {
    if (out_.damage.empty()) out_.damage = fmt::format("pem+{:#x}: {}", offset, what);
  }
  [[nodiscard]] std::size_t offset() const { return all_.size() - rest_.size(); }

  std::optional<End> openssl_block(const Ways& ways);

  std::string_view all_, rest_;
  KnownCertificates* known_;
  PemRead out_;
};

// PEM_read_bio_ex: sanitize_line cuts everything up to ' ' off the end, signed
// characters above 0x7f among it; a line that begins with NUL is of length 0 to
// fgets(3) and ends the file.
bool control(char c) { return static_cast<signed char>(c) <= ' '; }

std::optional<Reader::End> Reader::openssl_block(const Ways& ways) {
  const auto at_end = [&] { return rest_.empty() || (ways.nul_ends_file && rest_.front() == '\0'); };
  std::string_view line;
  std::size_t start = 0;
  do {
    if (at_end()) return std::nullopt;
    start = offset();
    line = take_line(rest_, control);
  } while (!line.starts_with(kBegin) || !line.ends_with(kDashes) || line.size() < kBegin.size() + kDashes.size());
  const std::string_view label = line.substr(kBegin.size(), line.size() - kBegin.size() - kDashes.size());
  std::string body;
  for (;;) {
    if (at_end()) return damaged(start, "file ends inside a block"), End::kBad;
    line = take_line(rest_, control);
    if (line.starts_with(kEnd)) break;
    body.append(line).append("\n");
  }
  if (line != fmt::format("{}{}{}", kEnd, label, kDashes)) return damaged(start, "END line does not match its BEGIN"), End::kBad;
  if (const std::size_t headers = body.find("\n\n"); body.find(':') != std::string::npos)
    body.erase(0, headers == std::string::npos ? body.size() : headers + 2);
  const std::size_t dash = body.find('-');
  const End end = dash == kNone || ways.dash_ends_text ? keep(label, std::string_view(body).substr(0, dash), !ways.one_by_one) : End::kBad;
  if (end == End::kBad) damaged(start, "not a certificate");
  return end;
}

PemRead Reader::openssl(const Ways& ways) {
  if (ways.skips_mark && rest_.starts_with(kMark)) rest_.remove_prefix(kMark.size());
  for (std::size_t blocks = 0; blocks < kMaxBlocks; ++blocks) {
    const auto end = openssl_block(ways);
    if (!end) break;
    if (*end != End::kBad) continue;
    if (!ways.one_by_one) out_.certificates.clear();
    break;
  }
  return std::move(out_);
}

// lib/x509/x509.c gnutls_x509_crt_list_import and lib/x509_b64.c
// _gnutls_fbase64_decode: a block ends at the next dashes, whatever they belong
// to.
PemRead Reader::gnutls() {
  constexpr std::string_view kNew = "-----BEGIN CERTIFICATE-----", kOld = "-----BEGIN X509 CERTIFICATE-----";
  for (std::size_t blocks = 0; blocks < kMaxBlocks; ++blocks) {
    const std::size_t at = std::min(rest_.find(kNew), rest_.find(kOld));
    if (at == kNone) break;
    rest_.remove_prefix(at);
    const std::size_t start = offset();
    rest_.remove_prefix(rest_.starts_with(kNew) ? kNew.size() : kOld.size());
    const std::size_t end = rest_.find(kDashes);
    if (end != kNone && keep("CERTIFICATE", rest_.substr(0, end), false) == End::kKept) continue;
    damaged(start, end == kNone ? "file ends inside a block" : "not a certificate");
    out_.certificates.clear();
    break;
  }
  return std::move(out_);
}

// encoding/pem/pem.go Decode, and crypto/x509 AppendCertsFromPEM: only
// CERTIFICATE without headers.
PemRead Reader::go() {
  for (std::size_t blocks = 0; blocks < kMaxBlocks; ++blocks) {
    if (!(offset() == 0 && rest_.starts_with(kBegin))) {
      const std::size_t at = rest_.find("\n-----BEGIN ");
      if (at == kNone) break;
      rest_.remove_prefix(at + 1);
    }
    const std::size_t start = offset();
    rest_.remove_prefix(kBegin.size());
    std::string_view block = rest_;
    std::string_view label = take_line(block, is_blank);
    if (!label.ends_with(kDashes)) continue;
    label.remove_suffix(kDashes.size());
    const std::size_t end = block.find("\n-----END ");
    if (end == kNone) continue;
    std::string_view behind = block.substr(end + 1);
    const bool closed = take_line(behind, is_blank) == fmt::format("{}{}{}", kEnd, label, kDashes);
    // Go's base64 takes no dash, OpenSSL's takes it for the end.
    const std::string_view text = block.substr(0, end);
    const bool plain = label == "CERTIFICATE" && text.find(':') == kNone;
    if (closed && (!plain || (text.find('-') == kNone && keep(label, text, false) == End::kKept)))
      rest_ = all_.substr(all_.size() - behind.size() - (behind.empty() ? 0 : 1));
    else
      damaged(start, "not a certificate");
  }
  return std::move(out_);
}

}  // namespace

PemRead read_pem_as(Dialect dialect, std::string_view data, KnownCertificates* known) {
  switch (dialect) {
    case Dialect::kOpenSsl: return Reader(data, known).openssl({});
    case Dialect::kOpenSsl111: return Reader(data, known).openssl({.skips_mark = false});
    case Dialect::kBoringSsl: return Reader(data, known).openssl({.skips_mark = false, .dash_ends_text = false});
    case Dialect::kOneByOne111: return Reader(data, known).openssl({.skips_mark = false, .one_by_one = true});
    case Dialect::kOneByOne: return Reader(data, known).openssl({.one_by_one = true});
    case Dialect::kOneByOneBoringSsl: return Reader(data, known).openssl({.skips_mark = false, .one_by_one = true, .dash_ends_text = false});
    case Dialect::kOneByOneInMemory:
      return Reader(data, known).openssl({.skips_mark = false, .one_by_one = true, .dash_ends_text = false, .nul_ends_file = false});
    case Dialect::kGnuTls: return Reader(data, known).gnutls();
    case Dialect::kGo: return Reader(data, known).go();
    case Dialect::kRustls: return read_rustls(data, known);
    case Dialect::kWolfSsl: return read_wolfssl(data, known);
    case Dialect::kQt: return read_qt(data, known);
    case Dialect::kP11Kit: return read_p11_pem(data, known);
    case Dialect::kTrustedOnly: return read_p11_trusted(data);
    case Dialect::kMbedTls: return read_mbedtls(data, known);
  }
  return {};
}

}  // namespace tlswhy::store
