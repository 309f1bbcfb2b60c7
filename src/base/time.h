#pragma once
// Times as reports write them: UTC, ISO 8601, "2026-11-22T16:00:00Z".

#include <cstdint>
#include <optional>
#include <string>

namespace tlswhy::base {

// Seconds since 1970 as text.
std::string time_text(std::int64_t seconds);
// And back, from whatever RFC 3339 allows: parts of a second, which are left out, and an offset ("2026-11-22T17:00:00.5+01:00"). Nothing for
// what is no such time.
std::optional<std::int64_t> seconds_of(const std::string& text);

}  // namespace tlswhy::base
