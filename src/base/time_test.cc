#include "base/time.h"

#include <gtest/gtest.h>

namespace tlswhy::base {
namespace {

TEST(Time, WhatRfc3339Allows) {
  for (const char* text :
       {"2026-11-22T16:00:00Z", "2026-11-22T16:00:00+00:00", "2026-11-22T17:30:00+01:30", "2026-11-22T11:00:00-05:00", "2026-11-22T16:00:00.75Z"})
    EXPECT_EQ(seconds_of(text), 1795363200) << text;
  EXPECT_EQ(time_text(1795363200), "2026-11-22T16:00:00Z");
}

TEST(Time, WhatIsNoTime) {
  for (const char* text : {"", "2026-11-22", "2026-11-22T16:00:00", "2026-11-22T16:00:00.Z", "2026-11-22T16:00:00+1:00", "2026-11-22T16:00:00+24:00",
                           "2026-11-22T16:00:00Z and more", "2026-13-22T16:00:00Z"})
    EXPECT_FALSE(seconds_of(text)) << text;
}

}  // namespace
}  // namespace tlswhy::base
