#pragma once
// How a report looks: colours and marks. Plain style uses no drawing characters and no colour, for pipes,
// logs and screen readers.

#include <string>
#include <string_view>

namespace tlswhy::report {

struct Style {
  bool color = false;
  bool plain = true;

  // `text` in the named manner: "bad", "good", "head", "dim"; unchanged without colour.
  [[nodiscard]] std::string paint(std::string_view manner, std::string_view text) const;
  [[nodiscard]] std::string_view bad() const { return plain ? "x" : "✗"; }
  [[nodiscard]] std::string_view good() const { return plain ? "ok" : "✓"; }
  [[nodiscard]] std::string_view dot() const { return plain ? "-" : "·"; }
};

}  // namespace tlswhy::report
