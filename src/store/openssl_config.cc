#include "store/openssl_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace tlswhy::store {
namespace {

constexpr std::uint64_t kMaxFile = 1U << 20;
constexpr std::size_t kMaxLines = 10'000;
constexpr unsigned kMaxFiles = 64, kMaxDepth = 8;
constexpr std::size_t kMaxValue = 4096;
constexpr std::string_view kDefault = "default";

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

// Up to a '#' that is neither quoted nor escaped.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (is_quote(line[i])) {
      const std::size_t end = line.find(line[i], i + 1);
      if (end == std::string_view::npos) return line;
      i = end;
    } else if (line[i] == '#') {
      return line.substr(0, i);
    }
  }
  return line;
}

bool names_variable(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Reader {
 public:
  Reader(const host::Files& files, const host::Credentials& who, const std::map<std::string, std::string>& env)
      : files_(files), who_(who), env_(env) {
    if (const auto folder = env.find("OPENSSL_CONF_INCLUDE"); folder != env.end()) folder_ = folder->second;
    out_.sections.emplace_back(kDefault);
  }

  // False where the library would give up.
  bool read(const std::string& path, unsigned depth) {
    if (++number_ > kMaxFiles || depth > kMaxDepth) return trouble(path, 0, "", "more includes than are followed here", false);
    const auto bytes = host::read_following(files_, path, kMaxFile, who_);
    if (!bytes)
      return trouble(path, 0, "", bytes.error().sys_errno != 0 ? base::errno_name(bytes.error().sys_errno) : bytes.error().text(), depth == 0);
    std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::string logical;
    std::uint32_t number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++number;
      if (line.ends_with('\r')) line.remove_suffix(1);
      const bool goes_on = line.ends_with('\\') && !line.ends_with("\\\\");
      if (goes_on) line.remove_suffix(1);
      if (logical.size() + line.size() > kMaxValue * 4) return trouble(path, number, "", "a line longer than is read here", false);
      logical += line;
      if (goes_on && !text.empty()) continue;
      if (!take(path, number, trim(without_comment(logical)), depth)) return false;
      logical.clear();
    }
    return true;
  }

  OpenSslConfig finish() { return std::move(out_); }

 private:
  bool trouble(const std::string& file, std::uint32_t line, std::string_view text, std::string what, bool fatal) {
    if (out_.troubles.size() < kMaxFiles)
      out_.troubles.push_back({base::printable(file), line, base::printable(std::string(text.substr(0, 200))), std::move(what), fatal});
    return !fatal;
  }

  bool take(const std::string& file, std::uint32_t number, std::string_view line, unsigned depth) {
    if (line.empty() || out_.lines.size() >= kMaxLines) return true;
    if (line.front() == '[') {
      const std::size_t end = line.find(']');
      if (end == std::string_view::npos) return trouble(file, number, line, "no closing bracket", true);
      section_ = trim(line.substr(1, end - 1));
      if (std::ranges::find(out_.sections, section_) == out_.sections.end()) out_.sections.push_back(section_);
      return true;
    }
    if (line.front() == '.' && (line.starts_with(".include") || line.starts_with(".pragma"))) return directive(file, number, line, depth);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return trouble(file, number, line, "no equal sign", true);
    std::string_view name = trim(line.substr(0, equals));
    std::string section = section_;
    if (const std::size_t colons = name.find("::"); colons != std::string_view::npos) {
      section = name.substr(0, colons);
      name = name.substr(colons + 2);
    }
    out_.lines.push_back({file, number, section, base::printable(std::string(name)), value_of(section, trim(line.substr(equals + 1)))});
    return true;
  }

  bool directive(const std::string& file, std::uint32_t number, std::string_view line, unsigned depth) {
    const bool include = line.starts_with(".include");
    std::string_view rest = trim(line.substr(std::string_view(include ? ".include" : ".pragma").size()));
    if (rest.starts_with('=')) rest = trim(rest.substr(1));
    const std::string value = value_of(section_, rest);
    if (!include) {
      if (value.starts_with("includedir:") && folder_.empty()) folder_ = trim(std::string_view(value).substr(value.find(':') + 1));
      return true;
    }
    const std::string path = value.starts_with('/') || folder_.empty() ? value : folder_ + "/" + value;
    if (!path.starts_with('/')) return trouble(file, number, line, "a path relative to the working directory is not followed here", false);
    const host::Resolved end = host::resolve(files_, path, who_);
    if (end.error != 0) return trouble(file, number, line, base::errno_name(end.error), end.error != ENOENT);
    if (end.stat.kind != host::Kind::kDirectory) return read(path, depth + 1);
    const auto names = files_.list(end.path);
    for (const std::string& name : names ? *names : std::vector<std::string>{})
      if ((name.ends_with(".cnf") || name.ends_with(".conf")) && !read(path + "/" + name, depth + 1)) return false;
    return true;
  }

  // Quotes and escapes taken off, variables put in as far as they are known.
  std::string value_of(const std::string& section, std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < kMaxValue; ++i) {
      if (is_quote(text[i])) {
        const std::size_t end = std::min(text.find(text[i], i + 1), text.size());
        out += text.substr(i + 1, end - i - 1);
        i = end;
      } else if (text[i] == '\\' && i + 1 < text.size()) {
        out += text[++i];
      } else if (text[i] == '$') {
        i += variable(section, text.substr(i), out) - 1;
      } else {
        out += text[i];
      }
    }
    out.resize(std::min(out.size(), kMaxValue));
    return base::printable(out, kMaxValue);
  }

  // "$name", "${name}", "$section::name" at the start of `text`: its length.
  std::size_t variable(const std::string& section, std::string_view text, std::string& out) {
    const bool braces = text.size() > 1 && (text[1] == '{' || text[1] == '(');
    const std::size_t from = braces ? 2 : 1;
    std::size_t end = from;
    while (end < text.size() && (names_variable(text[end]) || text.substr(end).starts_with("::"))) end += text[end] == ':' ? 2 : 1;
    std::string_view name = text.substr(from, end - from);
    if (braces) end = std::min(end + 1, text.size());
    std::string_view of = section;
    if (const std::size_t colons = name.find("::"); colons != std::string_view::npos) of = name.substr(0, colons), name = name.substr(colons + 2);
    if (of == "ENV") {
      if (const auto found = env_.find(std::string(name)); found != env_.end()) out += found->second;
      return std::max<std::size_t>(end, 1);
    }
    const ConfigLine* line = out_.find(of, name);
    if (line == nullptr) line = out_.find(kDefault, name);
    out += line != nullptr ? std::string_view(line->value) : text.substr(0, end);
    return std::max<std::size_t>(end, 1);
  }

  const host::Files& files_;
  const host::Credentials& who_;
  const std::map<std::string, std::string>& env_;
  OpenSslConfig out_;
  std::string section_{kDefault}, folder_;
  unsigned number_ = 0;
};

}  // namespace

const ConfigLine* OpenSslConfig::find(std::string_view section, std::string_view name) const {
  const auto hit = std::find_if(lines.rbegin(), lines.rend(), [&](const ConfigLine& one) { return one.section == section && one.name == name; });
  return hit == lines.rend() ? nullptr : &*hit;
}

std::vector<const ConfigLine*> OpenSslConfig::section(std::string_view name) const {
  std::vector<const ConfigLine*> out;
  for (const ConfigLine& one : lines) {
    if (one.section != name) continue;
    std::erase_if(out, [&](const ConfigLine* earlier) { return earlier->name == one.name; });
    out.push_back(&one);
  }
  return out;
}

bool OpenSslConfig::has_section(std::string_view name) const { return std::ranges::find(sections, name) != sections.end(); }

OpenSslConfig read_openssl_config(const host::Files& files, const std::string& path, const host::Credentials& who,
                                  const std::map<std::string, std::string>& env) {
  Reader reader(files, who, env);
  (void)reader.read(path, 0);
  return reader.finish();
}

}  // namespace tlswhy::store
