#include "rules/process_rules.h"

#include <algorithm>
#include <array>

#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {

bool is_early(const Rule& rule) {
  static constexpr std::array kEarly{&kTw701FdExhaustion, &kTw603LibraryLoadFailure, &kTw602OpensslConfOrProvider, &kTw410ClientKeyMismatch};
  return std::ranges::find(kEarly, &rule) != kEarly.end();
}

bool hears_the_program(const Rule& rule) { return &rule == &kTw201EnvOverrideBad; }

const facts::Lookup* refused_at(const Case& one, const facts::Source& source, std::span<const std::string_view> errors) {
  const std::string hash = one.handshake != nullptr && one.handshake->anchor ? one.handshake->anchor->subject_hash : "";
  const std::string wanted = source.what == "directory" && !hash.empty() ? source.path + "/" + hash + "." : "";
  const auto hit = std::ranges::find_if(one.facts.lookups, [&](const facts::Lookup& each) {
    return each.pid == one.process.pid && (each.path == source.path || (!wanted.empty() && each.path.starts_with(wanted))) &&
           std::ranges::find(errors, each.error) != errors.end();
  });
  return hit == one.facts.lookups.end() ? nullptr : &*hit;
}

bool helped_beside(const Case& one, std::span<const std::string_view> errors) {
  return std::ranges::any_of(effective(one), [&](const facts::Source* source) {
    return source->holds_anchor.value_or(false) && refused_at(one, *source, errors) == nullptr;
  });
}

}  // namespace tlswhy::rules
