#pragma once
// How a report looks: colours and marks. Plain style uses no drawing characters and no colour, for pipes,
// logs and screen readers.

#include <string>
#include <string_view>
#include <vector>

namespace tlswhy::report {

struct Style {
  bool color = false;
  bool plain = true;
  bool missing = false;  // stores that are not there are listed too

  // `text` in the named manner: "bad", "good", "head", "dim"; unchanged without colour.
  [[nodiscard]] std::string paint(std::string_view manner, std::string_view text) const;
  [[nodiscard]] std::string_view bad() const { return plain ? "x" : "✗"; }
  [[nodiscard]] std::string_view good() const { return plain ? "ok" : "✓"; }
  [[nodiscard]] std::string_view dot() const { return plain ? "-" : "·"; }
};

// An empty line, `title`, and a line for each entry, up to a dozen; "" without entries.
std::string titled_list(const std::string& title, const std::vector<std::string>& entries, const Style& style);

}  // namespace tlswhy::report
