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

bool fits(const Mark& mark, const Candidate& candidate) {
  const elf::ElfFile& file = candidate.file;
  if (!mark.soname.empty()) return file.soname().starts_with(mark.soname) && (mark.text.empty() || !candidate.texts.find(mark.text).empty());
  if (!mark.text.empty() && (candidate.texts.find(mark.text).empty() || !candidate.texts.find(kOurselves).empty())) return false;
  if (mark.versioned && candidate.texts.find(mark.version_text).empty()) return false;
  if (!mark.needs.empty() && std::ranges::none_of(file.needed(), [&](const auto& one) { return one.starts_with(mark.needs); })) return false;
  if (mark.symbol.empty()) return true;
  const auto symbol = file.find_symbol(mark.symbol);
  return symbol && symbol->defined;
}

// Whether the stack itself is in a library that the file asks for.
bool stands_on_library(const elf::ElfFile& file) {
  return std::ranges::any_of(file.needed(), [](const std::string& one) {
    return std::ranges::any_of(std::array{"libssl.so", "libcrypto.so", "libgnutls.so", "libcurl"},
                               [&](const char* below) { return one.starts_with(below); });
  });
}

std::optional<facts::Stack> by_marks(const Stack& row, const Candidate& candidate, bool alone) {
  const auto mark = std::ranges::find_if(row.marks, [&](const Mark& one) { return (!one.lowest || alone) && fits(one, candidate); });
  if (mark == row.marks.end()) return std::nullopt;
  facts::Stack out;
  out.version = version_of(*mark, candidate);
  out.linkage = !mark->soname.empty() ? "shared" : stands_on_library(candidate.file) ? "program" : "static";
  out.path = candidate.path;
  return out;
}

elf::Texts all_texts() {
  std::vector<std::string_view> out{kOurselves};
  for (const Stack* row : stacks()) {
    out.insert(out.end(), row->texts.begin(), row->texts.end());
    for (const Mark& mark : row->marks)
      for (const std::string_view text : {mark.text, mark.version_text})
        if (!text.empty() && std::ranges::count(out, text) == 0) out.push_back(text);
  }
  return elf::Texts(out);
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
    out.push_back(std::move(*found));
  }
  return out;
}

}  // namespace

std::vector<facts::Stack> recognise(const elf::ElfFile& file, std::string_view path) {
  elf::Texts texts = all_texts();
  texts.search(file);
  return ask_all({file, texts, path});
}

std::vector<facts::Stack> recognise(elf::Image& image, std::string_view path) {
  elf::Texts texts = all_texts();
  if (!image.search(texts)) return {};
  if (wants_local_symbols(image.file(), texts)) (void)image.need_local_symbols();
  return ask_all({image.file(), texts, path});
}

std::vector<facts::Stack> recognise_at(const host::Files& files, const std::string& path) {
  auto fd = host::open_following(files, path);
  if (!fd) return {};
  auto image = elf::Image::read(std::move(*fd));
  return image ? recognise(*image, path) : std::vector<facts::Stack>{};
}

}  // namespace tlswhy::stacks
