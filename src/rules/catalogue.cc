#include <algorithm>
#include <array>

#include "rules/rule.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::array kCatalogue{
    &kTw205StaleStoreInMemory,     &kTw202EnvIgnoredOrDropped, &kTw201EnvOverrideBad,        &kTw106PermissionOrConfinement,
    &kTw104DanglingSymlinkOrMount, &kTw103NoCaStore,           &kTw105UnhashedOrStaleCapath, &kTw101CompiledPathMismatch,
};

}  // namespace

std::span<const Rule* const> catalogue() { return kCatalogue; }

const Rule* find_rule(std::string_view code) {
  const auto hit = std::ranges::find(kCatalogue, code, [](const Rule* rule) { return rule->code; });
  return hit == kCatalogue.end() ? nullptr : *hit;
}

}  // namespace tlswhy::rules
