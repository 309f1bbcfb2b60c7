#include "observe/verify_flags.h"

#include <gtest/gtest.h>

namespace tlswhy::observe {
namespace {

using enum facts::Reason;
using enum Family;

std::string_view named(Family family, int code) { return facts::name_of(reason_of(family, code, false)); }

TEST(VerifyFlags, ReasonsOfGnuTls) {
  for (const auto& [bit, reason] : {std::pair{1, "other"},
                                    {5, "revoked"},
                                    {6, "no_issuer"},
                                    {7, "constraint"},
                                    {8, "weak"},
                                    {9, "not_yet_valid"},
                                    {10, "expired"},
                                    {11, "other"},
                                    {14, "name"},
                                    {16, "constraint"},
                                    {18, "purpose"},
                                    {20, "no_revocation_answer"},
                                    {21, "constraint"}})
    EXPECT_EQ(named(kGnuTls, 1 << bit), reason) << bit;
  EXPECT_EQ(named(kGnuTls, 2 | 1 << 6), "no_issuer");            // "invalid" is set with most of the others
  EXPECT_EQ(named(kGnuTls, 2 | 1 << 10 | 1 << 6), "no_issuer");  // an issuer that is missing comes before the rest
  EXPECT_EQ(named(kGnuTls, 2 | 1 << 10 | 1 << 14), "expired");
  EXPECT_EQ(named(kGnuTls, 1 << 30), "other");
  EXPECT_EQ(flags_text(kGnuTls, 2 | 1 << 6), "the issuer is not known");
}

TEST(VerifyFlags, ReasonsOfMbedTls) {
  for (const auto& [flags, reason] : {std::pair{0x01, "expired"},
                                      {0x02, "revoked"},
                                      {0x04, "name"},
                                      {0x08, "no_issuer"},
                                      {0x0100, "own_check"},
                                      {0x0200, "not_yet_valid"},
                                      {0x0800, "purpose"},
                                      {0x1000, "purpose"},
                                      {0x4000, "weak"},
                                      {0x8000, "weak"},
                                      {0x010000, "weak"},
                                      {0x20, "no_revocation_answer"},
                                      {0x0c, "no_issuer"}})
    EXPECT_EQ(named(kMbedTls, flags), reason) << flags;
}

TEST(VerifyFlags, ReasonsOfNss) {
  for (const auto& [code, reason] : {std::pair{-8182, "other"},
                                     {-8181, "expired"},
                                     {-8180, "revoked"},
                                     {-8179, "no_issuer"},
                                     {-8172, "self_signed"},
                                     {-8162, "expired"},
                                     {-8156, "constraint"},
                                     {-8155, "constraint"},
                                     {-8102, "purpose"},
                                     {-8101, "purpose"},
                                     {-8080, "constraint"},
                                     {-8016, "weak"},
                                     {-12276, "name"},
                                     {-5961, "other"}})
    EXPECT_EQ(named(kNss, code), reason) << code;
}

TEST(VerifyFlags, ReasonsOfWolfSsl) {
  for (const auto& [code, reason] : {std::pair{-150, "not_yet_valid"},
                                     {-151, "expired"},
                                     {-155, "other"},
                                     {-188, "no_issuer"},
                                     {-237, "constraint"},
                                     {-275, "self_signed"},
                                     {-322, "name"},
                                     {-325, "name"},
                                     {-361, "revoked"}})
    EXPECT_EQ(named(kWolfSsl, code), reason) << code;
  EXPECT_EQ(reason_text(kWolfSsl, -188), "the issuer is not known");
  EXPECT_EQ(reason_text(kWolfSsl, -323), "");  // WANT_READ: about something else
}

TEST(VerifyFlags, OpenSslsNumberCountsWhateverTheProgramWasTold) {
  EXPECT_EQ(reason_of(kOpenSsl, 0, true), kAccepted);
  EXPECT_EQ(reason_of(kOpenSsl, 20, true), kNoIssuer);  // with a callback that lets everything pass
  EXPECT_EQ(reason_of(kOpenSsl, std::nullopt, true), kAccepted);
  EXPECT_EQ(reason_of(kOpenSsl, std::nullopt, false), kUnknown);
  EXPECT_EQ(reason_of(kOpenSsl, 0, false), kOther);
}

}  // namespace
}  // namespace tlswhy::observe
