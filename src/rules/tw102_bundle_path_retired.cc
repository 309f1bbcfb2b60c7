#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW102";
constexpr std::string_view kName = "bundle_path_retired";

// A place that a distribution had and dropped, and the one that took its place. Fedora 44 and EL 10 kept tls-ca-bundle.pem and the hashed
// directories.
struct Retired {
  std::string_view path, successor, by;
};
constexpr std::string_view kExtracted = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", kFedora = "Fedora 44 and RHEL 10";
constexpr std::array kRetired{
    Retired{"/etc/pki/tls/cert.pem", kExtracted, kFedora},
    Retired{"/etc/pki/tls/certs/ca-bundle.crt", kExtracted, kFedora},
    Retired{"/etc/pki/tls/certs/ca-bundle.trust.crt", kExtracted, kFedora},
};

const facts::AnchorPlace* successor_of(const Case& one, const Retired& row) {
  const auto hit = std::ranges::find_if(one.facts.machine_stores,
                                        [&](const auto& place) { return place.path == row.successor && place.status == "ok" && place.anchors > 0; });
  return hit == one.facts.machine_stores.end() ? nullptr : &*hit;
}

struct Found {
  const facts::Source* source = nullptr;
  const Retired* row = nullptr;
};

Found retired_source(const Case& one) {
  for (const facts::Source* source : effective(one)) {
    const auto* row = std::ranges::find(kRetired, source->path, &Retired::path);
    if (row != kRetired.end() && source->status == "missing" && successor_of(one, *row) != nullptr) return {source, row};
  }
  return {};
}

Outcome judge(const Case& one) {
  const auto sources = effective(one);
  const auto [source, row] = retired_source(one);
  const bool helped = std::ranges::any_of(sources, [](const auto* each) { return each->status == "ok" && each->anchors > 0; });
  if (source == nullptr || helped) return Silent{};
  const facts::AnchorPlace& successor = *successor_of(one, *row);
  Fires out{fmt::format("{} looks for {}, which {} no longer have; the store is {} now", who(one.process), source->path, row->by, successor.path),
            {}};
  out.evidence.push_back({fmt::format("{} is there, with {} anchors", successor.path, successor.anchors), successor.path, "", "model"});
  add_common(one, out.evidence);
  const auto* usable = usable_place(one);
  const facts::AnchorPlace& place = usable != nullptr ? *usable : successor;
  if (one.stack.default_holds_anchor.value_or(false)) out.change = leave_out({source});
  if (out.change.empty()) out.change = use_store(one, place);
  if (out.change.empty()) out.change.edits.push_back({findings::EditKind::kMakeLink, source->path, place.path});
  return out;
}

}  // namespace

const Rule kTw102BundlePathRetired{kCode,
                                   kName,
                                   "the distribution dropped the path of the bundle that the program knows",
                                   R"(What it means
  A program has the path of a bundle in its code or its settings, and a newer release of the distribution no longer has that
  file: Fedora 44 and RHEL 10 have no /etc/pki/tls/cert.pem and no ca-bundle.crt. The store is there, by another path.

How it is seen
  The path is one that a distribution once had; it is missing, and what took its place is here and has anchors.

What proves it
  The same chain passes in the same library with the store by its new path, or with a link by the old one.

What to do
  Tell the program the new path, or update it; the package's own tool may bring the old names back as links. Until then a link
  from the old path to the new one helps every such program.
  Source: fedoraproject.org/wiki/Changes/dropingOfCertPemFile.
)",
                                   kForWantOfAnchor,
                                   judge};

}  // namespace tlswhy::rules
