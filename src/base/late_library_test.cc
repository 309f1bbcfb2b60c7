#include "base/late_library.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tlswhy::base {
namespace {

TEST(LateLibrary, GivesFunctionsOfItsOwn) {
  LateLibrary library("libm.so.6");
  auto* root = library.function<double(double)>("sqrt");
  ASSERT_TRUE(library.check());
  EXPECT_EQ(root(9.0), 3.0);
}

TEST(LateLibrary, SaysWhatIsMissing) {
  LateLibrary absent("libno-such-library.so.7"), without("libm.so.6");
  EXPECT_EQ(absent.function<void()>("f"), nullptr);
  EXPECT_NE(absent.check().error().message.find("libno-such-library.so.7"), std::string::npos);
  EXPECT_EQ(without.function<void()>("no_such_function"), nullptr);
  EXPECT_NE(without.check().error().message.find("no_such_function"), std::string::npos);
}

}  // namespace
}  // namespace tlswhy::base
