#include "base/time.h"

#include <array>
#include <cctype>
#include <ctime>
#include <string_view>

namespace tlswhy::base {
namespace {

constexpr const char* kFormat = "%Y-%m-%dT%H:%M:%SZ";

// "Z", or "+01:00" in seconds.
std::optional<std::int64_t> offset_of(std::string_view text) {
  constexpr std::int64_t kMinute = 60, kHour = 3600;
  if (text == "Z") return 0;
  const auto digit = [&](std::size_t at) { return std::isdigit(static_cast<unsigned char>(text[at])) != 0; };
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !digit(1) || !digit(2) || !digit(4) || !digit(5))
    return std::nullopt;
  const std::int64_t hours = (text[1] - '0') * 10 + text[2] - '0', minutes = (text[4] - '0') * 10 + text[5] - '0';
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * kHour + minutes * kMinute);
}

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
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') {
    const char* digits = ++rest;
    while (std::isdigit(static_cast<unsigned char>(*rest)) != 0) ++rest;
    if (rest == digits) return std::nullopt;
  }
  const auto offset = offset_of(rest);
  if (!offset) return std::nullopt;
  return ::timegm(&parts) - *offset;
}

}  // namespace tlswhy::base
