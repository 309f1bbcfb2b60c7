#include "observe/tls_functions.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "elf/elf_file.h"
#include "elf/step.h"

namespace tlswhy::observe {
namespace {

#if defined(__x86_64__)
// A breakpoint whose instruction isn't known is lifted for a moment, in which other threads slip through: in the
// machine's own libraries that must happen at none.
TEST(TlsFunctions, BeginWithInstructionsThatAreCarriedOut) {
  std::size_t seen = 0;
  for (const char* name : {"libcrypto.so.3", "libssl.so.3", "libgnutls.so.30", "libnss3.so", "libnspr4.so"}) {
    std::ifstream in(std::string("/usr/lib/x86_64-linux-gnu/") + name, std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes.empty()) continue;
    const auto file = elf::ElfFile::parse(bytes);
    ASSERT_TRUE(file) << name;
    for (const TlsFunction& function : tls_functions()) {
      const auto symbol = file->find_symbol(function.symbol);
      if (!symbol) continue;
      const auto offset = file->offset_of(symbol->address);
      ASSERT_TRUE(offset) << function.symbol;
      EXPECT_NE(elf::decode_step(bytes::View(bytes).subspan(*offset, 15)).kind, elf::Step::Kind::kUnknown) << function.symbol;
      ++seen;
    }
  }
  EXPECT_GE(seen, 15U);
}
#endif

}  // namespace
}  // namespace tlswhy::observe
