#include "store/pem_repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "x509/certificate.h"

namespace tlswhy::store {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----";

std::string pem_of(bytes::View der) {
  constexpr std::size_t kLine = 64;
  const std::string text = x509::encode_base64(der);
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) out += text.substr(at, kLine) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

bool is_text(std::string_view line) {
  return std::ranges::all_of(line, [](unsigned char each) { return each == '\t' || each == '\r' || (each >= ' ' && each != 0x7f); });
}

// The certificate in the lines of a block, whatever else is among the base64; "" for none.
std::string certificate_in(std::string_view body) {
  std::string base64;
  for (const unsigned char each : body)
    if (std::isalnum(each) != 0 || each == '+' || each == '/' || each == '=') base64.push_back(static_cast<char>(each));
  const auto der = x509::decode_base64(base64);
  if (!der || !x509::Certificate::parse(*der)) return "";
  return pem_of(*der);
}

bool is_certificate(std::string_view label) { return label == "CERTIFICATE" || label == "X509 CERTIFICATE"; }

class Repair {
 public:
  explicit Repair(std::string_view data) : all_(data), rest_(data) {}

  Repaired run() {
    for (std::size_t at = rest_.find(kBegin); at != std::string_view::npos; at = rest_.find(kBegin)) {
      keep_text(rest_.substr(0, at));
      rest_.remove_prefix(at);
      block();
    }
    keep_text(rest_);
    return {std::move(out_), std::move(dropped_)};
  }

 private:
  // `at`: into the data as it was given.
  void drop(const char* at, std::string_view what) {
    const auto lines = std::count(all_.data(), at, '\n');
    dropped_.push_back(fmt::format("line {}: {}", lines + 1, what));
  }

  void keep_text(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);  // a byte order mark
      if (is_text(line) && !line.contains(kDashes))
        (out_ += line) += '\n';
      else
        drop(line.data(), is_text(line) ? "an end without a beginning" : "bytes that are no text");
    }
    // Blank lines at the very beginning are what was left of something else.
    out_.erase(0, out_.find_first_not_of('\n') == std::string::npos ? out_.size() : out_.find_first_not_of('\n'));
  }

  // From a BEGIN to its END, or to the next BEGIN where it has none.
  void block() {
    const std::string_view after = rest_.substr(kBegin.size());
    const std::size_t label_end = after.find(kDashes);
    const std::string_view label = after.substr(0, std::min(label_end, after.size()));
    const std::size_t body = label_end == std::string_view::npos ? rest_.size() : kBegin.size() + label_end + kDashes.size();
    const std::size_t next = std::min(rest_.find(kBegin, body), rest_.size());
    const std::size_t end = rest_.find(kEnd, body);
    if (end == std::string_view::npos || end >= next) return take(label, rest_.substr(body, next - body), "", next);
    const std::size_t close = rest_.find(kDashes, end + kEnd.size());
    const std::size_t stop = close == std::string_view::npos ? rest_.size() : close + kDashes.size();
    take(label, rest_.substr(body, end - body), rest_.substr(0, stop), stop);
  }

  // `whole`: the block as it stands, "" for one without an end.
  void take(std::string_view label, std::string_view body, std::string_view whole, std::size_t size) {
    if (!out_.empty() && !out_.ends_with('\n')) out_ += '\n';
    if (is_certificate(label)) {
      const std::string certificate = certificate_in(body);
      if (certificate.empty())
        drop(rest_.data(), whole.empty() ? "a certificate without an end that can't be read" : "a certificate that can't be read");
      out_ += certificate;
    } else if (!whole.empty() && is_text_block(whole)) {
      (out_ += whole) += '\n';
    } else {
      drop(rest_.data(), "a block that is no certificate and has no end, or is no text");
    }
    rest_.remove_prefix(size);
    if (rest_.starts_with("\r\n")) rest_.remove_prefix(2);
    if (rest_.starts_with('\n')) rest_.remove_prefix(1);
  }

  static bool is_text_block(std::string_view block) {
    return std::ranges::all_of(block, [](unsigned char each) { return each == '\n' || is_text({reinterpret_cast<const char*>(&each), 1}); });
  }

  std::string_view all_, rest_;
  std::string out_;
  std::vector<std::string> dropped_;
};

}  // namespace

Repaired repair_bundle(std::string_view data) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(data.data());
  if (const auto der = x509::Certificate::parse({begin, data.size()})) return {pem_of(der->der()), {}};
  return Repair(data).run();
}

std::string repaired_bundle(std::string_view data) { return repair_bundle(data).text; }

}  // namespace tlswhy::store
