#include "host/proc_text.h"

#include <linux/auxvec.h>

#include <charconv>
#include <unordered_map>

#include "base/text.h"
#include "bytes/cursor.h"

namespace tlswhy::host {
namespace {

constexpr std::size_t kMaxMapped = 20'000;
constexpr std::string_view kDeleted = " (deleted)";

template <typename T>
T number(std::string_view text, int radix = 10) {
  T value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, radix);
  return value;
}

// Takes the next blank-separated field off the front of `line`.
std::string_view next_field(std::string_view& line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return line = {}, std::string_view{};
  const std::size_t end = std::min(line.find_first_of(" \t", start), line.size());
  const std::string_view field = line.substr(start, end - start);
  line.remove_prefix(end);
  return field;
}

MappedFile parse_maps_line(std::string_view line) {
  MappedFile file;
  const std::string_view range = next_field(line);
  const std::string_view permissions = next_field(line);
  next_field(line);  // offset
  next_field(line);  // device
  file.inode = number<std::uint64_t>(next_field(line));
  const std::size_t path = line.find('/');
  if (path != std::string_view::npos) file.path = line.substr(path);
  if (file.path.ends_with(kDeleted)) {
    file.deleted = true;
    file.path.resize(file.path.size() - kDeleted.size());
  }
  file.executable = permissions.size() > 2 && permissions[2] == 'x';
  const std::size_t dash = std::min(range.find('-'), range.size());
  file.start = number<std::uint64_t>(range.substr(0, dash), 16);
  if (dash < range.size()) file.end = number<std::uint64_t>(range.substr(dash + 1), 16);
  return file;
}

}  // namespace

std::vector<MappedFile> parse_maps(std::string_view text) {
  std::vector<MappedFile> files;
  std::unordered_map<std::string, std::size_t> seen;
  while (!text.empty() && files.size() < kMaxMapped) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    MappedFile file = parse_maps_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (file.inode == 0 || file.path.empty()) continue;
    const auto [known, fresh] = seen.try_emplace(file.path + '#' + std::to_string(file.inode), files.size());
    if (fresh)
      files.push_back(file);
    else if (file.executable)
      files[known->second].executable = true;
  }
  return files;
}

std::map<std::string, std::string> parse_environ(std::string_view bytes) {
  std::map<std::string, std::string> out;
  for (const std::string& entry : base::split(bytes, '\0')) {
    const std::size_t equals = entry.find('=');
    if (equals != std::string::npos && equals > 0) out.try_emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

namespace {

// PERL_LWP_SSL_CA_FILE, LDAPTLS_CACERT, MY_APP_CA_BUNDLE: a path, and a name that speaks of certificates. A key's name is not looked at.
bool names_a_store(const std::string& name, const std::string& value) {
  if (!value.starts_with('/')) return false;
  bool trust = false;
  for (const std::string& word : base::split(name, '_')) {
    for (const std::string_view secret : {"KEY", "PASS", "SECRET", "TOKEN"})
      if (word.find(secret) != std::string::npos) return false;
    for (const std::string_view speaks : {"CERT", "TRUST", "CAFILE", "CAPATH", "CAINFO", "BUNDLE"})
      trust = trust || word.find(speaks) != std::string::npos;
    trust = trust || word == "CA" || word == "CAS";
  }
  return trust;
}

}  // namespace

std::map<std::string, std::string> choose_variables(const std::map<std::string, std::string>& all, std::span<const std::string_view> wanted) {
  std::map<std::string, std::string> out;
  for (const std::string_view one : wanted) {
    const std::size_t sign = one.find('=');
    const auto found = all.find(std::string(one.substr(0, sign)));
    if (found == all.end()) continue;
    std::vector<std::string> words = base::split(found->second, ' ');
    if (sign != std::string_view::npos) std::erase_if(words, [&](const std::string& word) { return !word.starts_with(one.substr(sign + 1)); });
    if (sign == std::string_view::npos || !words.empty()) out.emplace(found->first, base::join(words, " "));
  }
  for (const auto& [name, value] : all)
    if (names_a_store(name, value)) out.emplace(name, value);
  return out;
}

std::vector<std::string> parse_cmdline(std::string_view bytes) {
  if (bytes.ends_with('\0')) bytes.remove_suffix(1);
  return bytes.empty() ? std::vector<std::string>{} : base::split(bytes, '\0');
}

bool parse_at_secure(std::string_view bytes) {
  bytes::Cursor cursor({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "auxv");
  while (cursor.remaining() >= 16) {
    const auto type = cursor.u64_le();
    const auto value = cursor.u64_le();
    if (!type || !value || *type == AT_NULL) return false;
    if (*type == AT_SECURE) return *value != 0;
  }
  return false;
}

ProcStatus parse_status(std::string_view text) {
  constexpr std::uint64_t kOverride = 1U << 1 | 1U << 2;  // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
  ProcStatus status;
  status.who.bypass = false;
  bool has_memory = false;
  for (const std::string& line : base::split(text, '\n')) {
    std::string_view rest = line;
    const std::string_view key = next_field(rest);
    if (key == "Name:") status.name = next_field(rest);
    if (key == "State:")
      if (const std::string_view state = next_field(rest); !state.empty()) status.state = state.front();
    if (key == "VmSize:") has_memory = true;
    if (key == "Tgid:") status.tgid = number<pid_t>(next_field(rest));
    if (key == "PPid:") status.parent = number<pid_t>(next_field(rest));
    if (key == "Uid:") next_field(rest), status.who.uid = number<uid_t>(next_field(rest));  // effective
    if (key == "Gid:") next_field(rest), status.who.gid = number<gid_t>(next_field(rest));
    if (key == "NoNewPrivs:") status.no_new_privileges = next_field(rest) == "1";
    if (key == "Seccomp_filters:") status.filters = number<unsigned>(next_field(rest));
    if (key == "CapEff:") status.who.bypass = (number<std::uint64_t>(next_field(rest), 16) & kOverride) != 0;
    if (key != "Groups:") continue;
    for (std::string_view group = next_field(rest); !group.empty(); group = next_field(rest)) status.who.groups.push_back(number<gid_t>(group));
  }
  status.kernel_thread = !has_memory && status.state != 'Z' && status.state != 'X';
  return status;
}

// The name in field 2 may hold blanks and brackets: count from the last ')'.
std::optional<std::uint64_t> parse_stat_field(std::string_view text, int wanted) {
  std::size_t at = text.rfind(')');
  for (int field = 2; field < wanted && at != std::string_view::npos; ++field) at = text.find(' ', at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  return number<std::uint64_t>(text.substr(at + 1));
}

}  // namespace tlswhy::host
