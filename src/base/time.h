#pragma once
// Times as reports write them: UTC, ISO 8601, "2026-11-22T16:00:00Z".

#include <cstdint>
#include <optional>
#include <string>

namespace tlswhy::base {

// Seconds since 1970 as text, and back; nothing for what is no such time.
std::string time_text(std::int64_t seconds);
std::optional<std::int64_t> seconds_of(const std::string& text);

}  // namespace tlswhy::base
