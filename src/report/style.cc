#include "report/style.h"

namespace tlswhy::report {

std::string Style::paint(std::string_view manner, std::string_view text) const {
  if (!color) return std::string(text);
  const std::string_view code = manner == "bad" ? "1;31" : manner == "good" ? "32" : manner == "head" ? "1" : "2";
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace tlswhy::report
