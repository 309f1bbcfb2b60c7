#include "base/time.h"

#include <array>
#include <ctime>

namespace tlswhy::base {
namespace {

constexpr const char* kFormat = "%Y-%m-%dT%H:%M:%SZ";

}  // namespace

std::string time_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  std::array<char, 32> out{};
  if (::gmtime_r(&time, &parts) == nullptr) return "";
  return {out.data(), std::strftime(out.data(), out.size(), kFormat, &parts)};
}

std::optional<std::int64_t> seconds_of(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), kFormat, &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

}  // namespace tlswhy::base
