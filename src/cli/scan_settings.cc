#include "cli/scan_settings.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "rules/rule.h"

namespace tlswhy::cli {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr const char* kFile = ".tlswhy.toml";
constexpr std::uintmax_t kMostBytes = 1U << 20;

Result<IgnoreRow> row_of(const toml::node& node, const std::string& place) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return fail(Code::kMalformed, "[[ignore]] is a table", place);
  IgnoreRow out{(*table)["code"].value_or(std::string()), (*table)["path"].value_or(std::string()), (*table)["reason"].value_or(std::string())};
  for (const auto& [key, value] : *table)
    if (key != "code" && key != "path" && key != "reason") return fail(Code::kMalformed, fmt::format("unknown key {}", key.str()), place);
  if (rules::find_rule(out.code) == nullptr) return fail(Code::kMalformed, fmt::format("[[ignore]] wants a code: {} is none", out.code), place);
  if (out.reason.empty()) return fail(Code::kMalformed, fmt::format("[[ignore]] of {} wants a reason", out.code), place);
  return out;
}

// "*" ends at no slash, so that one pattern takes a folder with all below it; "a" takes "./a" too.
bool matches(const std::string& pattern, const std::string& path) {
  if (pattern.empty()) return true;
  const auto fits = [&](const std::string& text) { return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0; };
  return fits(path) || (path.starts_with("./") && fits(path.substr(2)));
}

}  // namespace

Result<ScanSettings> read_scan_settings(const std::string& file) {
  const std::string path = file.empty() ? kFile : file;
  std::error_code error;
  if (file.empty() && !std::filesystem::exists(path, error)) return ScanSettings{};
  if (std::filesystem::file_size(path, error) > kMostBytes && !error) return fail(Code::kLimit, "too large", path);
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Code::kNotFound, "can't be read", path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  // The library throws: this is the border where that ends.
  toml::table parsed;
  try {
    parsed = toml::parse(text, path);
  } catch (const toml::parse_error& wrong) {
    return fail(Code::kMalformed, std::string(wrong.description()), fmt::format("{}:{}", path, wrong.source().begin.line));
  }
  ScanSettings out;
  for (const auto& [key, value] : parsed) {
    if (key != "ignore" || !value.is_array()) return fail(Code::kMalformed, fmt::format("unknown key {}", key.str()), path);
    for (const toml::node& node : *value.as_array()) {
      TRY(row, row_of(node, fmt::format("{}:{}", path, node.source().begin.line)));
      out.ignore.push_back(std::move(row));
    }
  }
  return out;
}

void apply(const ScanSettings& settings, findings::Report& report) {
  for (const IgnoreRow& row : settings.ignore)
    for (findings::Finding& finding : report.findings) {
      if (finding.code != row.code) continue;
      findings::Finding left_out = finding;
      std::erase_if(left_out.files, [&](const std::string& path) { return !matches(row.path, path); });
      if (left_out.files.empty()) continue;
      std::erase_if(finding.files, [&](const std::string& path) { return matches(row.path, path); });
      report.ignored.push_back({std::move(left_out), row.reason});
    }
  std::erase_if(report.findings, [](const findings::Finding& finding) { return finding.files.empty(); });
}

Result<std::vector<std::string>> read_fail_on(const std::string& text) {
  std::vector<std::string> out;
  if (text == "none") return out;
  for (const std::string& code : base::split(text, ',')) {
    if (rules::find_rule(code) == nullptr) return fail(Code::kUsage, fmt::format("{} is no code of a cause (see tlswhy codes)", code), "--fail-on");
    out.push_back(code);
  }
  return out;
}

}  // namespace tlswhy::cli
