#include "diagnose/issuers.h"

#include <algorithm>
#include <optional>

#include "base/http_get.h"
#include "diagnose/analyse.h"

namespace tlswhy::diagnose {
namespace {

constexpr int kMaxSteps = 5;
constexpr std::size_t kMaxCertificate = 64U << 10;

struct Found {
  x509::Certificate certificate;
  std::string from;
};

bool is_anchor(const x509::Certificate& certificate, std::span<const store::AnchorSet> stores) {
  return std::ranges::any_of(stores, [&](const auto& store) { return store.find(certificate) != nullptr; });
}

std::optional<Found> fetched(const x509::Certificate& below) {
  for (const std::string& url : below.issuer_urls()) {
    const auto body = base::http_get(url, kMaxCertificate);
    if (!body) continue;
    const auto certificate = x509::Certificate::parse(*body);
    if (certificate && below.signed_by(*certificate)) return Found{*certificate, url};
  }
  return std::nullopt;
}

std::optional<Found> here(const x509::Certificate& below, std::span<const store::AnchorSet> stores, std::span<const x509::Certificate> others) {
  for (const x509::Certificate& each : others)
    if (each.der() != below.der() && below.signed_by(each)) return Found{each, "another handshake"};
  for (const store::AnchorSet& store : stores)
    for (const x509::Certificate& each : store.unusable)
      if (!each.self_issued() && below.signed_by(each)) return Found{each, store.path};
  return std::nullopt;
}

}  // namespace

std::vector<facts::FoundIssuer> find_issuers(const x509::Certificate& top, std::span<const store::AnchorSet> stores,
                                             std::span<const x509::Certificate> others, bool fetch) {
  std::vector<facts::FoundIssuer> out;
  x509::Certificate at = top;
  for (int step = 0; step < kMaxSteps && !at.self_issued() && !is_anchor(at, stores); ++step) {
    auto next = here(at, stores, others);
    if (!next && fetch) next = fetched(at);
    if (!next) break;
    out.push_back({describe(next->certificate), next->from});
    at = next->certificate;
  }
  return out;
}

}  // namespace tlswhy::diagnose
