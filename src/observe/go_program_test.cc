#include "observe/go_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace tlswhy::observe {
namespace {

// A pclntab of Go 1.20 and later with one function, as src/debug/gosym/pclntab.go reads it.
std::vector<std::uint8_t> table(const std::string& name, std::uint64_t text) {
  std::vector<std::uint8_t> out;
  const auto put = [&](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  put(0xfffffff1, 4), put(0x08010000, 4);
  put(1, 8), put(0, 8), put(text, 8);
  const std::uint64_t names = 72, lines = names + name.size() + 1;
  for (const std::uint64_t offset : {names, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}, lines}) put(offset, 8);
  out.insert(out.end(), name.begin(), name.end());
  out.push_back(0);
  put(0x40, 4), put(12, 4), put(0x80, 4);  // entry, offset of its row; the end
  put(0x40, 4), put(0, 4);                 // the row: entry, name
  return out;
}

TEST(GoProgram, FindsTheFunctionsOfTheTable) {
  const auto made = table("crypto/tls.(*Conn).sendAlert", 0x401000);
  const auto program = GoProgram::parse(made, 0);
  ASSERT_TRUE(program) << program.error().text();
  EXPECT_EQ(program->function("crypto/tls.(*Conn).sendAlert"), 0x401040);
  EXPECT_FALSE(program->function("crypto/x509.(*Certificate).Verify"));
}

TEST(GoProgram, TakesTheTextFromTheSectionWhereTheTableHasNone) {
  const auto made = table("crypto/tls.(*Conn).sendAlert", 0);
  EXPECT_EQ(GoProgram::parse(made, 0x500000)->function("crypto/tls.(*Conn).sendAlert"), 0x500040);
}

TEST(GoProgram, WhatItsErrorsMean) {
  using enum facts::Reason;
  EXPECT_EQ(reason_of_go("x509.UnknownAuthorityError"), kNoIssuer);
  EXPECT_EQ(reason_of_go("x509.HostnameError"), kName);
  EXPECT_EQ(reason_of_go("x509.SystemRootsError"), kStoreRefused);
  EXPECT_EQ(reason_of_go("x509.InsecureAlgorithmError"), kWeak);
  EXPECT_EQ(reason_of_go("x509.UnhandledCriticalExtension"), kConstraint);
  EXPECT_EQ(reason_of_go("errors.errorString"), kOther);
  EXPECT_EQ(reason_of_go(0, ""), kConstraint);
  EXPECT_EQ(reason_of_go(1, "current time 2026-01-01T00:00:00Z is after 2025-01-01T00:00:00Z"), kExpired);
  EXPECT_EQ(reason_of_go(1, "current time 2026-01-01T00:00:00Z is before 2027-01-01T00:00:00Z"), kNotYetValid);
  EXPECT_EQ(reason_of_go(4, ""), kPurpose);
  EXPECT_EQ(reason_of_go(9, ""), kPurpose);
  EXPECT_EQ(reason_of_go(99, ""), kOther);
}

// The types of a program: an interface table, the interface's type, the error's type, and their names `skipped` bytes into the section.
GoError described(std::uint64_t skipped, const std::string& interface) {
  constexpr std::uint64_t kItab = 0x9000, kInterface = 0x9100, kType = 0x9200;
  std::vector<std::uint8_t> memory(0x3000);  // from 0x8000: the section
  const auto put = [&](std::uint64_t at, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) memory[at - 0x8000 + static_cast<std::uint64_t>(i)] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  const auto name = [&](std::uint64_t offset, const std::string& text) {
    put(0x8000 + skipped + offset, 0, 1), put(0x8001 + skipped + offset, text.size(), 1);
    std::ranges::copy(text, memory.begin() + static_cast<std::ptrdiff_t>(skipped + offset + 2));
  };
  put(kItab, kInterface, 8), put(kItab + 8, kType, 8);
  put(kInterface + 40, 0x100, 4), put(kType + 40, 0x180, 4);
  name(0x100, interface), name(0x180, "*x509.HostnameError");
  const auto read = [&](std::uint64_t address, std::size_t count) -> base::Result<std::vector<std::uint8_t>> {
    if (address < 0x8000 || address + count > 0xb000) return base::fail(base::Code::kNotFound, "");
    return std::vector(memory.begin() + static_cast<std::ptrdiff_t>(address - 0x8000),
                       memory.begin() + static_cast<std::ptrdiff_t>(address - 0x8000 + count));
  };
  GoProgram program;
  program.types_in(0x8000, 0x1000);
  return program.describe_error(kItab, 0, 0, read);
}

// With cgo, C's constants come first in the section.
TEST(GoProgram, NamesAnErrorWhereverTheTypesBegin) {
  EXPECT_EQ(described(0, "*error").text, "x509.HostnameError");
  EXPECT_EQ(described(32, "*error").text, "x509.HostnameError");
  EXPECT_EQ(described(0x1e0, "error").reason, facts::Reason::kName);
  EXPECT_EQ(described(0, "fmt.Stringer").text, "");
  EXPECT_EQ(described(8, "error").text, "");
}

TEST(GoProgram, RefusesOtherTablesAndCutOnes) {
  auto made = table("main.main", 1);
  for (std::size_t size = 0; size < made.size(); ++size) (void)GoProgram::parse(bytes::View(made).first(size), 0);
  made[0] = 0xfb;
  EXPECT_EQ(GoProgram::parse(made, 0).error().code, base::Code::kUnsupported);
}

}  // namespace
}  // namespace tlswhy::observe
