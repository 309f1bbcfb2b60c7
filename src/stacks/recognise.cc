// Recognises stacks by what only they hold: a soname, an exported function, a text. A file is searched for all texts at once.

#include <algorithm>
#include <array>
#include <cctype>

#include "stacks/rows.h"
#include "stacks/stack.h"

namespace tlswhy::stacks {
namespace {

// A file with this text holds the rows' texts, and none of what they speak of.
constexpr std::string_view kOurselves = "tlswhy's own list of marks";

// "0.8.5" of "0.8.5/src/lib.rs".
std::string version_at(bytes::View data, std::size_t at) {
  std::string out;
  for (; at < data.size() && out.size() < 20 && (std::isdigit(data[at]) != 0 || data[at] == '.'); ++at) out.push_back(static_cast<char>(data[at]));
  while (out.ends_with('.')) out.pop_back();
  return out;
}

std::string version_of(const Mark& mark, const Candidate& candidate) {
  const bytes::View text = candidate.texts.find(mark.version_text);
  return text.empty() ? "" : version_at(text, mark.version_at != 0 ? mark.version_at : mark.version_text.size());
}

// Whether the library's name begins so, without what a packer put into it: "libcurl.so" is that of libcurl-7f1692d5.so.4 too.
bool named(const std::string& soname, std::string_view begin) { return soname.starts_with(begin) || plain_soname(soname).starts_with(begin); }

bool fits(const Mark& mark, const Candidate& candidate) {
  for (const std::string_view text : {mark.text, mark.also})
    if (!text.empty() && !candidate.holds(text)) return false;
  const bool by_text = !mark.text.empty() || !mark.also.empty();
  if ((by_text && candidate.holds(kOurselves)) || (!mark.never.empty() && candidate.holds(mark.never))) return false;
  if (mark.versioned && !candidate.holds(mark.version_text)) return false;
  if (!mark.soname.empty() && !named(candidate.file.soname(), mark.soname)) return false;
  if (!mark.needs.empty() && !candidate.needs(mark.needs)) return false;
  return mark.symbol.empty() || candidate.exports(mark.symbol);
}

// Whether the stack itself is in a library that the file asks for.
bool stands_on_library(const Candidate& candidate) {
  return std::ranges::any_of(std::array{"libssl.so", "libcrypto.so", "libgnutls.so", "libcurl"},
                             [&](const char* below) { return candidate.needs(below); });
}

bool is_bundle(const std::string& path) { return path.ends_with(".crt") || path.ends_with(".pem"); }

// The bundle and the directory that a library was built with, where its file has no others.
void read_places(const Candidate& candidate, std::span<const facts::Stack> found, facts::Stack& out) {
  out.places_by = "guess";
  if (!candidate.places) return;
  std::vector<std::string> files, directories;
  for (const std::string& path : candidate.places()) {
    const bool of_another = std::ranges::any_of(
        found, [&](const facts::Stack& one) { return path.starts_with(one.build.openssldir + "/") && one.base && !one.build.openssldir.empty(); });
    if (!of_another) (is_bundle(path) ? files : directories).push_back(path);
  }
  out.places_by = files.size() > 1 || directories.size() > 1 ? "unknown" : "text";
  if (out.places_by == "unknown") return;
  if (!files.empty()) out.compiled_file = files.front();
  if (!directories.empty()) out.compiled_directory = directories.front();
}

std::optional<facts::Stack> by_marks(const Stack& row, const Candidate& candidate, bool alone) {
  const auto mark = std::ranges::find_if(row.marks, [&](const Mark& one) { return (!one.lowest || alone) && fits(one, candidate); });
  if (mark == row.marks.end()) return std::nullopt;
  facts::Stack out;
  out.version = version_of(*mark, candidate);
  const bool library = !mark->soname.empty() || (mark->library && candidate.file.shared_object());
  out.linkage = library ? "shared" : stands_on_library(candidate) ? "program" : "static";
  return out;
}

elf::Texts all_texts() {
  std::vector<std::string_view> out{kOurselves};
  for (const Stack* row : stacks()) {
    out.insert(out.end(), row->texts.begin(), row->texts.end());
    for (const Mark& mark : row->marks)
      for (const std::string_view text : {mark.text, mark.also, mark.never, mark.version_text, row->default_look_up}) out.push_back(text);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  std::erase(out, "");
  return elf::Texts(out);
}

// How it is known where the stack looks.
void tell_places(const Stack& row, const Candidate& candidate, std::span<const facts::Stack> before, facts::Stack& found) {
  if (row.trust == nullptr) return;
  if (!row.default_look_up.empty() && !candidate.holds(row.default_look_up))
    found.places_by = "unknown";
  else if (row.base)
    found.places_by = found.build.read_by == "accessor" ? "code" : "text";
  else if (row.own_places)
    read_places(candidate, before, found);
  else
    found.places_by = !row.stands_on.empty() || row.asks_base ? "guess" : "model";
}

std::vector<facts::Stack> ask_all(const Candidate& candidate) {
  std::vector<facts::Stack> out;
  bool alone = true;  // no other by a mark
  for (const Stack* row : stacks()) {
    auto found = row->recognise != nullptr ? row->recognise(candidate) : by_marks(*row, candidate, alone);
    if (!found) continue;
    alone = alone && row->recognise != nullptr;
    found->name = row->title;
    found->model = row->id;
    found->base = row->base;
    found->path = candidate.path;
    if (found->version.empty() && row->version_of != nullptr) found->version = row->version_of(candidate);
    tell_places(*row, candidate, out, *found);
    out.push_back(std::move(*found));
  }
  return out;
}

}  // namespace

bool Candidate::exports(std::string_view symbol) const {
  const auto found = file.find_symbol(symbol);
  return found && found->defined;
}

bool Candidate::needs(std::string_view library) const {
  return std::ranges::any_of(file.needed(), [&](const std::string& one) { return named(one, library); });
}

std::string plain_soname(std::string_view soname) {
  constexpr std::size_t kDigest = 8;  // hexadecimal digits at least
  const std::size_t end = soname.find(".so"), dash = soname.substr(0, end).rfind('-');
  if (end == std::string_view::npos || dash == std::string_view::npos || end - dash - 1 < kDigest) return std::string(soname);
  const std::string_view digest = soname.substr(dash + 1, end - dash - 1);
  const bool is_digest = std::ranges::all_of(digest, [](unsigned char c) { return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f'); });
  return is_digest ? std::string(soname.substr(0, dash)) + std::string(soname.substr(end)) : std::string(soname);
}

std::vector<facts::Stack> recognise(const elf::ElfFile& file, std::string_view path) {
  elf::Texts texts = all_texts();
  texts.search(file);
  return ask_all({file, texts, path, [&] {
                    std::vector<std::string> out;
                    for (const elf::Range& part : file.data_parts())
                      if (const auto view = bytes::slice(file.data(), part.offset, part.size, "elf")) elf::find_places(*view, view->size(), out);
                    return out;
                  }});
}

std::vector<facts::Stack> recognise(elf::Image& image, std::string_view path) {
  elf::Texts texts = all_texts();
  if (!image.search(texts)) return {};
  if (wants_local_symbols(image.file(), texts)) (void)image.need_local_symbols();
  return ask_all({image.file(), texts, path, [&] {
                    std::vector<std::string> out;
                    (void)image.each_window(elf::kLongestPlace, [&](bytes::View window, std::size_t size) { elf::find_places(window, size, out); });
                    return out;
                  }});
}

std::vector<facts::Stack> recognise_at(const host::Files& files, const std::string& path) {
  auto fd = host::open_following(files, path);
  if (!fd) return {};
  auto image = elf::Image::read(std::move(*fd));
  return image ? recognise(*image, path) : std::vector<facts::Stack>{};
}

}  // namespace tlswhy::stacks
