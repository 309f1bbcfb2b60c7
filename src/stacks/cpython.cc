#include "stacks/cpython.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "stacks/openssl.h"

namespace tlswhy::stacks {
namespace {

bool is_version(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
}

// Py_Version of 3.11 and newer: PY_VERSION_HEX, a byte each for major, minor and micro (Include/patchlevel.h).
std::string exported_version(const elf::ElfFile& file) {
  const auto symbol = file.find_symbol("Py_Version");
  const auto offset = symbol ? file.offset_of(symbol->address) : base::fail(base::Code::kNotFound, "no such symbol");
  const auto word = offset ? bytes::slice(file.data(), *offset, 4, "Py_Version") : std::unexpected(offset.error());
  if (!word) return "";
  file.fetch(*word);
  return fmt::format("{}.{}.{}", (*word)[3], (*word)[2], (*word)[1]);
}

// "3.9" out of "libpython3.9.so.1.0"; of a program with the interpreter linked in, what it exports or is called.
std::string version_of(const elf::ElfFile& file, std::string_view path) {
  constexpr std::string_view kSoname = "libpython", kProgram = "python";
  if (std::string version = exported_version(file); !version.empty()) return version;
  if (file.soname().starts_with(kSoname)) {
    const std::string rest = file.soname().substr(kSoname.size());
    return rest.substr(0, rest.find(".so"));
  }
  const std::string_view name = base::base_name(path);
  return name.starts_with(kProgram) && is_version(name.substr(kProgram.size())) ? std::string(name.substr(kProgram.size())) : "";
}

}  // namespace

std::span<const std::string_view> texts_of_cpython() { return {}; }

std::vector<facts::Stack> recognise_cpython(const Candidate& candidate) {
  const elf::ElfFile& file = candidate.file;
  if (!file.find_symbol("Py_InitializeFromConfig") && !file.find_symbol("Py_InitializeEx")) return {};
  facts::Stack out;
  out.name = "CPython ssl";
  out.version = version_of(file, candidate.path);
  out.linkage = file.soname().starts_with("libpython") ? "shared" : "static";
  out.path = candidate.path;
  return {out};
}

std::vector<facts::Source> cpython_sources(const facts::Stack& stack, const Look& look) {
  return stack.build.cert_file.empty() ? std::vector<facts::Source>{} : openssl_sources(stack, look);
}

}  // namespace tlswhy::stacks
