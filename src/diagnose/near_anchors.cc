#include "diagnose/near_anchors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "diagnose/analyse.h"
#include "store/public_roots.h"
#include "store/source_folders.h"

namespace tlswhy::diagnose {
namespace {

constexpr std::size_t kMaxNear = 10;

bool is_namesake(const x509::Certificate& one, const x509::Certificate& top) {
  return one.subject() == top.issuer() && one.der() != top.der() && !top.signed_by(one);
}

// In one place, each certificate once.
void add_namesakes(const store::AnchorSet& store, const x509::Certificate& top, std::vector<facts::NearAnchor>& out) {
  for (const x509::Certificate& one : store.anchors) {
    if (out.size() >= kMaxNear || !is_namesake(one, top)) continue;
    const std::string digest = one.sha256();
    const auto same = [&](const facts::NearAnchor& near) { return near.path == store.path && near.certificate.sha256 == digest; };
    if (std::ranges::none_of(out, same)) out.push_back({describe(one), store.path, "its key did not sign the chain"});
  }
}

std::optional<store::AnchorSet> read_place(const store::AnchorReader& reader, const facts::Source& source) {
  if (source.status == "ignored" || source.path.empty()) return std::nullopt;
  if (source.what == "directory") return reader.directory(source.path);
  if (source.what == "keystore") return reader.keystore(source.path, "");
  return reader.bundle(source.path);
}

}  // namespace

std::vector<facts::NearAnchor> uninstalled(const host::Files& files, const x509::Certificate& top) {
  std::vector<facts::NearAnchor> out;
  for (const store::Candidate& one : store::find_in_source_folders(files, top)) out.push_back({describe(one.certificate), one.path, one.text});
  return out;
}

std::vector<facts::NearAnchor> namesakes(const store::AnchorReader& reader, const std::vector<store::AnchorSet>& stores, const facts::Stack* stack,
                                         const x509::Certificate& top) {
  std::vector<facts::NearAnchor> out;
  for (const store::AnchorSet& store : stores) add_namesakes(store, top, out);
  if (stack == nullptr) return out;
  for (const facts::Source& source : stack->sources)
    if (const auto place = read_place(reader, source)) add_namesakes(*place, top, out);
  return out;
}

bool is_public(const x509::Certificate& top, const x509::Certificate* anchor) {
  return anchor != nullptr ? store::is_public_root(anchor->sha256()) : store::is_public_name(top.issuer());
}

}  // namespace tlswhy::diagnose
