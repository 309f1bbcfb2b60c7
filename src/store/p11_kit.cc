#include "store/p11_kit.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "store/pem_dialects.h"

namespace tlswhy::store {
namespace {

constexpr std::string_view kObject = "[p11-kit-object-v1]";
constexpr std::size_t kMaxObjects = 20'000;

// "true" of the line "trusted: true".
bool says(std::string_view object, std::string_view key) {
  for (std::size_t at = object.find(key); at != std::string_view::npos; at = object.find(key, at + 1)) {
    if (at != 0 && object[at - 1] != '\n') continue;
    std::string_view value = object.substr(at + key.size());
    value = value.substr(0, value.find('\n'));
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    while (!value.empty() && (value.back() == '\r' || value.back() == ' ')) value.remove_suffix(1);
    return value == "true";
  }
  return false;
}

void read_object(std::string_view object, bool anchor, P11Trust& out) {
  for (x509::Certificate& one : read_pem_as(Dialect::kP11Kit, object).certificates) {
    const bool distrusted = says(object, "x-distrusted:"), trusted = says(object, "trusted:") || anchor;
    (distrusted ? out.distrusted : trusted ? out.anchors : out.others).push_back(std::move(one));
  }
}

void read_pem(std::string_view text, bool anchor, P11Trust& out) {
  for (x509::Certificate& one : read_pem_as(Dialect::kP11Kit, text).certificates) (anchor ? out.anchors : out.others).push_back(std::move(one));
  // TRUSTED CERTIFICATE says itself what it is good for.
  PemRead trusted = read_pem_as(Dialect::kTrustedOnly, text);
  std::ranges::move(trusted.certificates, std::back_inserter(out.anchors));
  std::ranges::move(trusted.rejected, std::back_inserter(out.others));
}

}  // namespace

P11Trust read_p11_file(bytes::View data, bool anchor) {
  const std::string_view text{reinterpret_cast<const char*>(data.data()), data.size()};
  P11Trust out;
  if (auto der = x509::Certificate::parse(data)) return (anchor ? out.anchors : out.others).push_back(std::move(*der)), out;
  std::size_t at = text.find(kObject);
  if (at == std::string_view::npos) return read_pem(text, anchor, out), out;
  for (std::size_t count = 0; at != std::string_view::npos && count < kMaxObjects; ++count) {
    const std::size_t next = text.find(kObject, at + kObject.size());
    read_object(text.substr(at, next == std::string_view::npos ? next : next - at), anchor, out);
    at = next;
  }
  return out;
}

}  // namespace tlswhy::store
