#include "stacks/name_match.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/text.h"
#include "x509/extensions.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

bool label_fits(const std::string& pattern, const std::string& label, bool wildcard, bool part) {
  const std::size_t star = pattern.find('*');
  if (star == std::string::npos || !wildcard) return pattern == label;
  if (pattern == "*") return !label.empty();
  if (!part || label.starts_with("xn--")) return false;
  const std::string before = pattern.substr(0, star), after = pattern.substr(star + 1);
  return label.size() >= before.size() + after.size() && label.starts_with(before) && label.ends_with(after);
}

bool fits(const std::string& pattern, const std::string& host, const NameRules& rules) {
  const auto wanted = base::split(lower(pattern), '.'), given = base::split(lower(host), '.');
  if (wanted.size() != given.size()) return false;
  const bool wildcard = pattern.contains('*');
  if (wildcard && wanted.size() < (rules.top_level ? 2U : 3U)) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!label_fits(wanted[i], given[i], i == 0 || rules.any_label, rules.part_of_label)) return false;
  return true;
}

}  // namespace

bool is_for(const x509::Certificate& leaf, const std::string& host, const NameRules& rules) {
  if (host.empty()) return true;
  const bool address = x509::is_address(host);
  if (address && rules.addresses && leaf.has_address(host)) return true;
  if (address && !rules.address_as_text) return false;
  const auto names = leaf.dns_names();
  if (std::ranges::any_of(names, [&](const std::string& name) { return fits(name, host, rules); })) return true;
  using enum NameRules::CommonName;
  const bool counts = rules.common_name == kWithoutDnsNames ? names.empty() : rules.common_name == kWithoutAnyName && leaf.names().empty();
  return counts && std::ranges::any_of(x509::common_names(leaf), [&](const std::string& name) { return fits(name, host, rules); });
}

}  // namespace tlswhy::stacks
