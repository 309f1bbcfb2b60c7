#pragma once
// The rules about the library and the process itself, and what they ask of a case.

#include <span>
#include <string_view>

#include "rules/rule.h"

namespace tlswhy::rules {

extern const Rule kTw410ClientKeyMismatch;
extern const Rule kTw602OpensslConfOrProvider;
extern const Rule kTw603LibraryLoadFailure;
extern const Rule kTw701FdExhaustion;

// It may be why a process failed before any handshake, whatever its stores hold.
bool is_early(const Rule& rule);

// It goes by what the process itself said of a store, where no stack of it is known to have asked for that.
bool hears_the_program(const Rule& rule);

// The first look-up of the process's own at this place, or for the wanted anchor in it, that ended with one of these errors; null: none.
const facts::Lookup* refused_at(const Case& one, const facts::Source& source, std::span<const std::string_view> errors);
// A place that it reads holds the anchor, and was not refused with one of them.
bool helped_beside(const Case& one, std::span<const std::string_view> errors);

}  // namespace tlswhy::rules
