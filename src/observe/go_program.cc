#include "observe/go_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "observe/tls_functions.h"

namespace tlswhy::observe {

using base::Code;
using base::fail;
using base::Result;
using bytes::Cursor;
using bytes::View;

namespace {

constexpr std::uint32_t kMagic118 = 0xfffffff0, kMagic120 = 0xfffffff1;
constexpr std::uint64_t kMaxFunctions = 4'000'000;

// pcHeader of 1.18 and later; all offsets are from the start of the table.
struct Header {
  std::uint64_t functions = 0, text = 0, names = 0, lines = 0;
};

Result<Header> read_header(View table) {
  Cursor cursor(table, "pclntab");
  TRY(magic, cursor.u32_le());
  if (magic != kMagic118 && magic != kMagic120) return fail(Code::kUnsupported, "a function table of another Go version", "pclntab");
  TRY_VOID(cursor.seek(7));
  TRY(pointer, cursor.u8());
  if (pointer != 8) return fail(Code::kUnsupported, "not a 64-bit Go program", "pclntab+0x7");
  Header out;
  TRY(functions, cursor.u64_le());
  TRY_VOID(cursor.u64_le());  // files
  TRY(text, cursor.u64_le());
  TRY(names, cursor.u64_le());
  TRY_VOID(cursor.take(24));
  TRY(lines, cursor.u64_le());
  if (functions > kMaxFunctions) return fail(Code::kLimit, "too many functions", "pclntab+0x8");
  out.functions = functions, out.text = text, out.names = names, out.lines = lines;
  return out;
}

bool same_text(View table, std::uint64_t at, std::string_view name) {
  if (at >= table.size() || table.size() - at <= name.size()) return false;
  const View there = table.subspan(at, name.size() + 1);
  return there.back() == 0 && std::equal(name.begin(), name.end(), there.begin());
}

}  // namespace

Result<GoProgram> GoProgram::parse(View table, std::uint64_t text) {
  TRY(header, read_header(table));
  if (header.text == 0) header.text = text;
  TRY(rows, bytes::slice(table, header.lines, header.functions * 8, "pclntab functions"));
  Cursor cursor(rows, "pclntab functions", header.lines);
  GoProgram out;
  std::vector<std::string_view> wanted;
  for (const TlsFunction& function : tls_functions())
    if (function.family == Family::kGo) wanted.push_back(function.symbol);
  while (cursor.remaining() >= 8) {
    TRY(entry, cursor.u32_le());
    TRY(offset, cursor.u32_le());
    // _func: entry offset, name offset (src/runtime/runtime2.go).
    const auto row = bytes::slice(table, header.lines + offset, 8, "pclntab function");
    if (!row) continue;
    Cursor fields(*row, "pclntab function");
    (void)fields.u32_le();
    const std::uint64_t name = *fields.u32_le();
    for (const std::string_view one : wanted)
      if (same_text(table, header.names + name, one)) out.functions_.emplace(one, header.text + entry);
  }
  return out;
}

Result<GoProgram> GoProgram::read(elf::SparseImage& image) {
  TRY(table, image.section(".gopclntab"));
  const auto text = image.section_address(".text");
  TRY(out, parse(table, text ? text->address : 0));
  for (const char* name : {".go.type", ".rodata", ".data.rel.ro", ".typelink"})
    if (const auto section = image.section_address(name)) out.types_in(section->address, section->size);
  return out;
}

std::optional<std::uint64_t> GoProgram::function(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? std::nullopt : std::optional(found->second);
}

namespace {

std::uint64_t word_at(const GoProgram::Reader& read, std::uint64_t address) {
  const auto raw = read(address, 8);
  if (!raw || raw->size() != 8) return 0;
  return Cursor(*raw, "word").u64_le().value_or(0);
}

// abi.Name: a byte of flags, the length as a varint, the text.
std::string name_at(const GoProgram::Reader& read, std::uint64_t address) {
  const auto raw = read(address, 80);
  if (!raw || raw->size() < 3) return "";
  const std::size_t size = (*raw)[1];
  if (size >= 0x80 || size + 2 > raw->size()) return "";
  std::string text(raw->begin() + 2, raw->begin() + 2 + static_cast<std::ptrdiff_t>(size));
  return text.starts_with('*') ? text.substr(1) : text;
}

// Where the name of a type is, from the start of all types (abi.Type, Str).
std::optional<std::uint32_t> name_offset(const GoProgram::Reader& read, std::uint64_t type) {
  constexpr std::uint64_t kNameOfType = 40;
  const auto offset = type == 0 ? base::fail(Code::kNotFound, "") : read(type + kNameOfType, 4);
  if (!offset || offset->size() != 4) return std::nullopt;
  return *Cursor(*offset, "type").u32_le();
}

// The start of all types, told by the name of the interface that an error is held by. Go's linker puts it where a section begins; with cgo
// what C has there comes first, and Go's part is aligned to 32 bytes.
std::optional<std::uint64_t> names_base(const GoProgram::Reader& read, std::uint64_t section, std::uint32_t interface) {
  constexpr std::uint64_t kAlignment = 32, kFarthest = 4096;
  for (std::uint64_t skipped = 0; skipped <= kFarthest; skipped += kAlignment)
    if (name_at(read, section + skipped + interface) == "error") return section + skipped;
  return std::nullopt;
}

using enum facts::Reason;

struct Row {
  std::string_view name;
  facts::Reason reason;
};

// x509.InvalidReason and the errors of Verify (crypto/x509/verify.go).
constexpr std::array kInvalid{Row{"NotAuthorizedToSign", kConstraint},
                              Row{"Expired", kExpired},
                              Row{"CANotAuthorizedForThisName", kConstraint},
                              Row{"TooManyIntermediates", kConstraint},
                              Row{"IncompatibleUsage", kPurpose},
                              Row{"NameMismatch", kOther},  // of issuer and subject
                              Row{"NameConstraintsWithoutSANs", kConstraint},
                              Row{"UnconstrainedName", kConstraint},
                              Row{"TooManyConstraints", kConstraint},
                              Row{"CANotAuthorizedForExtKeyUsage", kPurpose},
                              Row{"NoValidChains", kOther}};
constexpr std::array kErrors{Row{"x509.UnknownAuthorityError", kNoIssuer},      Row{"x509.HostnameError", kName},
                             Row{"x509.SystemRootsError", kStoreRefused},       Row{"x509.UnhandledCriticalExtension", kConstraint},
                             Row{"x509.ConstraintViolationError", kConstraint}, Row{"x509.InsecureAlgorithmError", kWeak}};

// A string's two words, address and length.
std::string text_at(const GoProgram::Reader& read, std::uint64_t address) {
  constexpr std::uint64_t kMaxText = 200;
  const auto raw = read(word_at(read, address), std::min(word_at(read, address + 8), kMaxText));
  return raw ? std::string(raw->begin(), raw->end()) : "";
}

}  // namespace

facts::Reason reason_of_go(std::string_view type) {
  const auto* row = std::ranges::find(kErrors, type, &Row::name);
  return row == kErrors.end() ? kOther : row->reason;
}

facts::Reason reason_of_go(int invalid, std::string_view detail) {
  if (invalid < 0 || static_cast<std::size_t>(invalid) >= kInvalid.size()) return kOther;
  const facts::Reason out = kInvalid[static_cast<std::size_t>(invalid)].reason;
  return out == kExpired && detail.find(" is before ") != std::string_view::npos ? kNotYetValid : out;
}

GoError GoProgram::describe_error(std::uint64_t itab, std::uint64_t value, std::uint64_t bias, const Reader& read) const {
  constexpr std::uint64_t kTypeOfItab = 8;
  GoError out;
  const auto type = name_offset(read, word_at(read, itab + kTypeOfItab));
  const auto interface = name_offset(read, word_at(read, itab));
  if (!type || !interface) return out;
  for (const Range& section : type_sections_)
    if (const auto names = names_base(read, section.address + bias, *interface)) out.text = name_at(read, *names + *type);
  if (base::printable(out.text) != out.text) out.text.clear();
  out.reason = out.text.empty() ? kUnknown : reason_of_go(out.text);
  if (out.text == "x509.CertificateInvalidError") {
    const std::uint64_t reason = word_at(read, value + 8);
    out.code = static_cast<int>(reason);
    out.reason = reason_of_go(*out.code, text_at(read, value + 16));
    if (reason < kInvalid.size()) out.text += fmt::format(" ({})", kInvalid[reason].name);
  }
  return out;
}

}  // namespace tlswhy::observe
