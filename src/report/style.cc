#include "report/style.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tlswhy::report {

std::string Style::paint(std::string_view manner, std::string_view text) const {
  if (!color) return std::string(text);
  const std::string_view code = manner == "bad" ? "1;31" : manner == "good" ? "32" : manner == "head" ? "1" : "2";
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string titled_list(const std::string& title, const std::vector<std::string>& entries, const Style& style) {
  constexpr std::size_t kShown = 12;
  if (entries.empty()) return "";
  std::string out = "\n" + title + "\n";
  for (std::size_t i = 0; i < entries.size() && i < kShown; ++i) out += fmt::format("  {} {}\n", style.dot(), base::printable(entries[i], 400));
  if (entries.size() > kShown) out += fmt::format("  {} and {} more (--json has all)\n", style.dot(), entries.size() - kShown);
  return out;
}

}  // namespace tlswhy::report
