#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW103";
constexpr std::string_view kName = "no_ca_store";

Outcome judge(const Case& one) {
  const auto sources = effective(one);
  if (machine_has_store(one) || sources.empty()) return Silent{};
  // A place that may not be looked into is none that is not there.
  const auto closed = [](const auto& place) { return place.status == "denied" || place.status == "unreadable"; };
  if (std::ranges::any_of(one.facts.machine_stores, closed) || std::ranges::any_of(sources, [&](const auto* source) { return closed(*source); }))
    return Silent{};
  if (std::ranges::any_of(sources, [](const auto* source) { return source->anchors > 0; })) return Silent{};
  // Somebody made a link into a place that is gone: that tells more (TW104).
  if (std::ranges::any_of(sources, [](const auto* source) { return source->status == "dangling_link" && target_directory_gone(*source); }))
    return Silent{};
  Fires out{fmt::format("{} finds no trust anchors: there is no trust store on this {}", who(one.process),
                        one.process.own_root ? "root (the process has its own)" : "machine"),
            {}};
  for (const facts::Source* source : sources) out.evidence.push_back(about(one, *source));
  std::vector<std::string> absent;
  for (const auto& place : one.facts.machine_stores) absent.push_back(place.path + " " + place.status);
  out.evidence.push_back({"the known stores: " + base::join(absent, ", "), "", "", "model"});
  if (one.handshake != nullptr) out.evidence.push_back(about_anchor(one));
  if (one.facts.offered_store && one.facts.offered_store->anchors > 0)
    out.change = use_store(one, *one.facts.offered_store);
  else if (one.handshake != nullptr)
    out.change = with_top_as_anchor(*one.handshake);
  return out;
}

}  // namespace

const Rule kTw103NoCaStore{kCode,
                           kName,
                           "there is no trust store on this root at all",
                           R"(What it means
  Neither the places that the library looks in nor any place where a Linux distribution keeps its trust store
  holds a single anchor: a scratch, slim or distroless image, or a machine without the ca-certificates package.

How it is seen
  Every known store below the root of the process is missing or empty (`tlswhy stores` lists them).

What proves it
  The same chain in the same library passes with a store brought from elsewhere (`tlswhy run --store FILE`).
  Without one to try, the finding stays "supported".

What to do
  Install the distribution's ca-certificates package, or copy a bundle into the image and point SSL_CERT_FILE
  to it.
)",
                           kForWantOfAnchor,
                           judge};

}  // namespace tlswhy::rules
