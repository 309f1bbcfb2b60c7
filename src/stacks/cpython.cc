#include "stacks/cpython.h"

#include <algorithm>
#include <cctype>

#include "elf/search.h"
#include "stacks/openssl.h"

namespace tlswhy::stacks {
namespace {

// "3.9" out of "libpython3.9.so.1.0", or of the version literal that Py_GetVersion begins with ("3.11.2").
std::string version_of(const elf::ElfFile& file) {
  constexpr std::string_view kSoname = "libpython";
  if (file.soname().starts_with(kSoname)) {
    const std::string rest = file.soname().substr(kSoname.size());
    return rest.substr(0, rest.find(".so"));
  }
  // Programs with the interpreter linked in keep the name of the standard library's directory.
  const auto name = elf::find_quoted(file.data(), "lib/python", '\0');
  if (name && !name->empty() && std::ranges::all_of(*name, [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; })) return *name;
  return "";
}

}  // namespace

std::span<const std::string_view> texts_of_cpython() { return {}; }

std::vector<facts::Stack> recognise_cpython(const Candidate& candidate) {
  const elf::ElfFile& file = candidate.file;
  if (!file.find_symbol("Py_InitializeFromConfig") && !file.find_symbol("Py_InitializeEx")) return {};
  facts::Stack out;
  out.name = "CPython ssl";
  out.version = version_of(file);
  out.linkage = file.soname().starts_with("libpython") ? "shared" : "static";
  out.path = candidate.path;
  return {out};
}

std::vector<facts::Source> cpython_sources(const facts::Stack& stack, const Subject& subject) {
  return stack.build.cert_file.empty() ? std::vector<facts::Source>{} : openssl_sources(stack, subject);
}

}  // namespace tlswhy::stacks
