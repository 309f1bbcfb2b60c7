#include "bytes/cursor.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace tlswhy::bytes {
namespace {

constexpr std::array<std::uint8_t, 8> kData{1, 2, 3, 4, 5, 6, 7, 8};

TEST(Cursor, ReadsBothByteOrders) {
  Cursor cursor(kData);
  EXPECT_EQ(cursor.u16_be().value(), 0x0102);
  EXPECT_EQ(cursor.u16_le().value(), 0x0403);
  EXPECT_EQ(cursor.u24_be().value(), 0x050607U);
  EXPECT_EQ(cursor.u8().value(), 8);
  EXPECT_TRUE(cursor.empty());
}

TEST(Cursor, FailsWithTheFileOffset) {
  Cursor cursor(kData, "elf", 0x100);
  ASSERT_TRUE(cursor.take(6));
  const auto value = cursor.u32_le();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, base::Code::kMalformed);
  EXPECT_EQ(value.error().place, "elf+0x106");
  EXPECT_EQ(cursor.u16_be().value(), 0x0708);  // a failed read takes nothing
}

TEST(Slice, RefusesRangesThatWrapAround) {
  EXPECT_TRUE(slice(kData, 8, 0, "x"));
  EXPECT_FALSE(slice(kData, 4, 5, "x"));
  EXPECT_FALSE(slice(kData, 9, 0, "x"));
  EXPECT_FALSE(slice(kData, 4, std::numeric_limits<std::uint64_t>::max(), "x"));
}

TEST(CString, NeedsItsEnd) {
  constexpr std::array<std::uint8_t, 4> text{'a', 'b', 0, 'c'};
  EXPECT_EQ(c_string(text, 0, "x").value(), "ab");
  EXPECT_FALSE(c_string(text, 3, "x"));
  EXPECT_FALSE(c_string(text, 40, "x"));
}

}  // namespace
}  // namespace tlswhy::bytes
