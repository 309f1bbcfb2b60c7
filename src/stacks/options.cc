#include "stacks/options.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace tlswhy::stacks {
namespace {

constexpr std::uint64_t kMaxFile = 1U << 20;

std::string trimmed(std::string_view text) {
  const auto blank = [](unsigned char c) { return std::isspace(c) != 0; };
  while (!text.empty() && blank(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && blank(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '-' && c != '_') out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

void read_lines(const std::string& text, std::string_view section, std::string_view name, const std::string& file, Setting& out) {
  bool inside = section.empty();
  for (const std::string& whole : base::split(text, '\n')) {
    const std::string line = trimmed(whole);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (!section.empty() && line.front() == '[') inside = plain(line) == "[" + plain(section) + "]";
    const std::size_t end = line.find_first_of("= \t:");
    if (!inside || end == std::string::npos || plain(line.substr(0, end)) != plain(name)) continue;
    const std::size_t value = line.find_first_not_of("= \t:", end);
    if (value != std::string::npos) out = {trimmed(line.substr(value)), file};
  }
}

}  // namespace

std::string option_value(const host::Viewpoint& as, std::string_view name) {
  std::string out;
  for (std::size_t i = 1; i < as.argv.size(); ++i) {
    const std::string& word = as.argv[i];
    if (word == name && i + 1 < as.argv.size()) out = as.argv[i + 1];
    if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=') out = word.substr(name.size() + 1);
  }
  return out;
}

Setting setting_in(const host::Viewpoint& as, const std::vector<std::string>& files, std::string_view section, std::string_view name) {
  Setting out;
  for (const std::string& file : files)
    if (const auto bytes = host::read_following(as.files, file, kMaxFile, as.who))
      read_lines(std::string(bytes->begin(), bytes->end()), section, name, file, out);
  return out;
}

}  // namespace tlswhy::stacks
