// PEM framing as OpenSSL reads it (crypto/pem/pem_lib.c): a line "-----BEGIN
// X-----" opens a block, the same label closes it, text outside blocks is
// ignored. Bites: a BEGIN glued behind the END of the block before (bundles
// joined without a newline) is not a BEGIN line, and OpenSSL calls the whole
// file bad.

#include "store/pem_bundle.h"

#include <fmt/format.h>

#include <optional>

namespace tlswhy::store {

using base::Code;

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kMaxBlocks = 20'000;
constexpr std::size_t kMaxErrors = 100;

struct Line {
  std::string_view text;  // without the line end and trailing blanks
  std::size_t offset = 0;
};

class Scanner {
 public:
  Scanner(std::string_view data, KnownCertificates* known) : data_(data), known_(known) {}

  PemBundle run() {
    while (blocks_ < kMaxBlocks) {
      const auto line = next();
      if (!line) break;
      if (line->text.starts_with(kBegin) && line->text.ends_with(kDashes)) block(*line);
    }
    return std::move(out_);
  }

 private:
  std::optional<Line> next() {
    if (at_ >= data_.size()) return std::nullopt;
    const std::size_t end = std::min(data_.find('\n', at_), data_.size());
    Line line{data_.substr(at_, end - at_), at_};
    at_ = std::min(end + 1, data_.size());
    while (!line.text.empty() && static_cast<unsigned char>(line.text.back()) <= ' ') line.text.remove_suffix(1);
    return line;
  }

  void error(std::string message, std::size_t offset) {
    if (out_.errors.size() < kMaxErrors) out_.errors.push_back({Code::kMalformed, std::move(message), fmt::format("pem+{:#x}", offset), 0});
  }

  void block(const Line& begin) {
    ++blocks_;
    const std::string_view label = begin.text.substr(kBegin.size(), begin.text.size() - kBegin.size() - kDashes.size());
    std::string body;
    while (const auto line = next()) {
      if (line->text.starts_with(kEnd)) return finish(label, line->text, body, begin.offset);
      if (line->text.find(kDashes) != std::string_view::npos) return error("block has no END line", begin.offset);
      body.append(line->text);
      body += '\n';
    }
    error("file ends inside a block", begin.offset);
  }

  void finish(std::string_view label, std::string_view end, const std::string& body, std::size_t offset) {
    if (end != fmt::format("{}{}{}", kEnd, label, kDashes)) return error("END line does not match its BEGIN", offset);
    const bool trusted = label == "TRUSTED CERTIFICATE";
    if (label != "CERTIFICATE" && label != "X509 CERTIFICATE" && !trusted) return;  // keys, CRLs, PKCS#7: passed over
    auto der = x509::decode_base64(body);
    if (!der) return error(der.error().message, offset);
    if (trusted) cut_trust_settings(*der);
    auto certificate = parse_once(*der, known_);
    if (!certificate) return error(certificate.error().message, offset);
    out_.certificates.push_back(std::move(*certificate));
  }

  // X509_CERT_AUX follows the certificate; the outer SEQUENCE length tells
  // where that ends (X.690 §8.1.3).
  static void cut_trust_settings(std::vector<std::uint8_t>& der) {
    bytes::Cursor cursor(der, "certificate");
    const auto tag = cursor.u8();
    const auto first = cursor.u8();
    if (!tag || !first) return;
    std::uint64_t length = *first;
    if (*first > 0x80 && *first <= 0x84) {
      const auto field = cursor.take(*first & 0x7fU);
      if (!field) return;
      length = 0;
      for (const std::uint8_t byte : *field) length = length << 8 | byte;
    }
    if (length <= cursor.remaining()) der.resize(cursor.offset() + length);
  }

  std::string_view data_;
  KnownCertificates* known_;
  std::size_t at_ = 0;
  std::size_t blocks_ = 0;
  PemBundle out_;
};

}  // namespace

base::Result<x509::Certificate> parse_once(const std::vector<std::uint8_t>& der, KnownCertificates* known) {
  if (known != nullptr)
    if (const auto before = known->find(der); before != known->end()) return before->second;
  auto certificate = x509::Certificate::parse(der);
  if (certificate && known != nullptr) known->emplace(der, *certificate);
  return certificate;
}

PemBundle read_pem_bundle(bytes::View data, KnownCertificates* known) {
  return Scanner({reinterpret_cast<const char*>(data.data()), data.size()}, known).run();
}

}  // namespace tlswhy::store
