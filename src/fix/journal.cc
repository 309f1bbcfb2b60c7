#include "fix/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/time.h"
#include "x509/certificate.h"

namespace tlswhy::fix {

inline constexpr facts::Words<Kind, 4> kKindWords{
    {{Kind::kAbsent, "absent"}, {Kind::kFile, "file"}, {Kind::kLink, "link"}, {Kind::kDirectory, "directory"}}};
constexpr const auto& words_of(Kind) { return kKindWords; }

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using nlohmann::json;

namespace {

constexpr int kVersion = 1;
constexpr const char* kFile = "journal.json";

std::string folder_of_user() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') return std::string(state) + "/tlswhy";
  if (::geteuid() == 0) return "/var/lib/tlswhy";
  const char* home = std::getenv("HOME");
  return (home != nullptr && *home == '/' ? std::string(home) : "/") + "/.local/state/tlswhy";
}

std::string encoded(const std::string& bytes) { return x509::encode_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}); }

std::string decoded(const std::string& text) {
  const auto bytes = x509::decode_base64(text);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "";
}

Result<void> write_file(const std::string& path, std::string_view text) {
  const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return fail_errno(errno, "can't write", path);
  while (!text.empty()) {
    const ssize_t put = ::write(fd.get(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(errno, "can't write", path);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(fd.get()) != 0) return fail_errno(errno, "can't write", path);
  return {};
}

void sync_folder(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid()) ::fsync(fd.get());
}

Result<std::string> read_file(const std::string& path) {
  const auto root = Root::open("/");
  if (!root) return std::unexpected(root.error());
  TRY(state, state_at(*root, path));
  if (state.kind != Kind::kFile) return fail(Code::kNotFound, "not a file", path);
  return std::move(state.content);
}

// A path of bytes that are no text is kept, too.
json state_json(const State& state, const std::string& file) {
  json out{{"kind", facts::name_of(state.kind)}, {"mode", state.mode}, {"uid", state.uid}, {"gid", state.gid}, {"modified", state.modified}};
  if (state.kind == Kind::kFile) out["content_in"] = file;
  if (state.kind == Kind::kLink) out["target_base64"] = encoded(state.content);
  for (const auto& [name, value] : state.attributes) out["attributes"][name] = encoded(value);
  return out;
}

Result<State> read_state(const json& in, const std::string& folder) {
  State out;
  out.kind = facts::word_named<Kind>(in.at("kind").get<std::string>());
  out.mode = in.at("mode");
  out.uid = in.at("uid"), out.gid = in.at("gid"), out.modified = in.at("modified");
  if (out.kind == Kind::kLink) out.content = decoded(in.at("target_base64"));
  const json attributes = in.value("attributes", json::object());
  for (const auto& [name, value] : attributes.items()) out.attributes[name] = decoded(value);
  if (out.kind != Kind::kFile) return out;
  const std::string file = in.at("content_in");
  if (file.empty()) return out;
  if (file.contains('/')) return fail(Code::kMalformed, "a journal that leads elsewhere", folder);
  TRY(content, read_file(folder + "/" + file));
  out.content = std::move(content);
  return out;
}

Result<Entry> entry_of(const json& in, const std::string& folder) {
  if (in.value("version", 0) != kVersion) return fail(Code::kUnsupported, "a journal of another version", folder);
  Entry out{in.at("id"), in.at("remedy"), in.at("state"), in.at("at"), in.at("root"), {}, in.at("watched"), in.at("notes"), in.at("verified")};
  for (const json& item : in.at("items")) {
    Item one{decoded(item.at("path_base64")), {}, {}};
    TRY(before, read_state(item.at("before"), folder));
    TRY(after, read_state(item.at("after"), folder));
    one.before = std::move(before), one.after = std::move(after);
    out.items.push_back(std::move(one));
  }
  return out;
}

// The file of an item's contents. Those of the entry as it was begun stay until it is written anew; what was undone keeps none.
std::string content_name(const Entry& entry, std::size_t item, const char* which) {
  return entry.state == "undone" ? "" : fmt::format("{}-{}.{}", entry.state, item, which);
}

// What no entry refers to any more.
void drop_contents(const Entry& entry, const std::string& folder) {
  std::error_code error;
  for (const auto& there : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = there.path().filename().string();
    if (name != kFile && (entry.state == "undone" || !name.starts_with(entry.state + "-"))) std::filesystem::remove(there.path(), error);
  }
}

json entry_json(const Entry& entry) {
  json out{{"version", kVersion}, {"id", entry.id},           {"remedy", entry.remedy}, {"state", entry.state},       {"at", entry.at},
           {"root", entry.root},  {"watched", entry.watched}, {"notes", entry.notes},   {"verified", entry.verified}, {"items", json::array()}};
  for (std::size_t i = 0; i < entry.items.size(); ++i) {
    const Item& item = entry.items[i];
    out["items"].push_back({{"path", base::printable(item.path)},
                            {"path_base64", encoded(item.path)},
                            {"before", state_json(item.before, content_name(entry, i, "before"))},
                            {"after", state_json(item.after, content_name(entry, i, "after"))}});
  }
  return out;
}

Result<void> check_owner(const std::string& folder) {
  struct stat st{};
  if (::lstat(folder.c_str(), &st) != 0) return fail_errno(errno, "can't look at the journal", folder);
  if (!S_ISDIR(st.st_mode) || st.st_uid != ::geteuid() || (st.st_mode & 022U) != 0)
    return fail(Code::kDenied, "the journal is somebody else's, or others may write to it", folder);
  return {};
}

}  // namespace

findings::Step step_of(const Item& item) {
  const auto word = [&] {
    if (item.after.kind == Kind::kAbsent) return "remove";
    if (item.before.kind == item.after.kind && item.before.content == item.after.content) return "mode";
    if (item.after.kind == Kind::kDirectory) return "directory";
    return item.after.kind == Kind::kLink ? "link" : "write";
  };
  return {word(), item.path, item.before.text(), item.after.text()};
}

findings::Applied Entry::told() const {
  findings::Applied out{id, remedy, state, at, root, {}, notes, verified};
  for (const Item& item : items) out.steps.push_back(step_of(item));
  return out;
}

Result<Journal> Journal::open() {
  const std::string folder = folder_of_user();
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno(errno, "can't keep a journal, so nothing was changed", folder);
  TRY_VOID(check_owner(folder));
  base::UniqueFd lock(::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock.valid()) return fail_errno(errno, "can't keep a journal, so nothing was changed", folder);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return fail(Code::kDenied, "another tlswhy is making changes just now", folder);
  return Journal(folder, std::move(lock));
}

Result<Journal> Journal::look() {
  const std::string folder = folder_of_user();
  if (std::filesystem::exists(folder)) TRY_VOID(check_owner(folder));
  return Journal(folder, {});
}

std::string Journal::new_id(const std::string& remedy) const {
  std::string day = base::time_text(std::time(nullptr)).substr(0, 10);
  std::erase(day, '-');
  for (int number = 1;; ++number) {
    std::string id = fmt::format("{}-{}-{}", day, number, remedy);
    const auto taken = [&] {
      std::error_code error;
      for (const auto& there : std::filesystem::directory_iterator(folder_, error))
        if (there.path().filename().string().starts_with(fmt::format("{}-{}-", day, number))) return true;
      return false;
    };
    if (!taken()) return id;
  }
}

Result<void> Journal::write(const Entry& entry) const {
  const std::string folder = folder_ + "/" + entry.id;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno(errno, "can't keep a journal, so nothing was changed", folder);
  for (std::size_t i = 0; entry.state != "undone" && i < entry.items.size(); ++i) {
    const Item& item = entry.items[i];
    if (item.before.kind == Kind::kFile) TRY_VOID(write_file(folder + "/" + content_name(entry, i, "before"), item.before.content));
    if (item.after.kind == Kind::kFile) TRY_VOID(write_file(folder + "/" + content_name(entry, i, "after"), item.after.content));
  }
  TRY_VOID(write_file(folder + "/new", entry_json(entry).dump(2) + "\n"));
  if (::rename((folder + "/new").c_str(), (folder + "/" + kFile).c_str()) != 0) return fail_errno(errno, "can't write the journal", folder);
  sync_folder(folder);
  sync_folder(folder_);
  drop_contents(entry, folder);
  return {};
}

Result<void> Journal::forget(const std::string& id) const {
  std::error_code error;
  // The entry first: half of one must not be taken for one.
  std::filesystem::remove(folder_ + "/" + id + "/" + kFile, error);
  std::filesystem::remove_all(folder_ + "/" + id, error);
  if (error) return fail(Code::kSystem, "can't take the entry out of the journal", folder_ + "/" + id);
  return {};
}

Result<Entry> Journal::read(const std::string& id) const {
  if (id.empty() || id.contains('/') || id.starts_with('.'))
    return fail(Code::kUsage, "not the name of a remedy that was applied", base::printable(id));
  const std::string folder = folder_ + "/" + id;
  auto text = read_file(folder + "/" + kFile);
  if (!text) return fail(Code::kNotFound, "no such entry in the journal (`tlswhy fix --list`)", base::printable(id));
  // The library throws on what is not as it should be; this is the border where that ends.
  try {
    return entry_of(json::parse(*text), folder);
  } catch (const json::exception& error) {
    return fail(Code::kMalformed, error.what(), folder);
  }
}

std::vector<Entry> Journal::all() const {
  std::vector<Entry> out;
  std::error_code error;
  for (const auto& there : std::filesystem::directory_iterator(folder_, error))
    if (auto entry = read(there.path().filename().string())) out.push_back(std::move(*entry));
  const auto number = [](const Entry& entry) { return std::atoi(entry.id.c_str() + std::min<std::size_t>(entry.id.size(), 9)); };
  std::ranges::sort(
      out, [&](const Entry& a, const Entry& b) { return std::pair(a.id.substr(0, 8), number(a)) < std::pair(b.id.substr(0, 8), number(b)); });
  return out;
}

}  // namespace tlswhy::fix
