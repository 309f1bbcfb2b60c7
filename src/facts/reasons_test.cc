#include "facts/reasons.h"

#include <gtest/gtest.h>

namespace tlswhy::facts {
namespace {

using enum Reason;

Alert alert(const char* sender, int code) { return {"fatal", code, "", sender, false}; }

TEST(Reasons, OpenSslsNumbers) {
  const std::pair<int, Reason> all[] = {
      {0, kAccepted},      {1, kOther},         {2, kNoIssuer},      {3, kNoRevocation}, {7, kOther},       {9, kNotYetValid}, {10, kExpired},
      {11, kNoRevocation}, {17, kOther},        {18, kSelfSigned},   {19, kSelfSigned},  {20, kNoIssuer},   {21, kNoIssuer},   {22, kConstraint},
      {23, kRevoked},      {24, kConstraint},   {25, kConstraint},   {26, kPurpose},     {28, kPurpose},    {29, kOther},      {32, kConstraint},
      {34, kConstraint},   {37, kConstraint},   {44, kNoRevocation}, {47, kConstraint},  {48, kConstraint}, {50, kOwnCheck},   {57, kWeak},
      {62, kName},         {63, kName},         {64, kName},         {65, kOther},       {66, kWeak},       {67, kWeak},       {68, kWeak},
      {69, kOther},        {70, kStoreRefused}, {73, kNoRevocation}, {76, kWeak},        {79, kConstraint}, {85, kStrict},     {94, kStrict},
      {95, kNoIssuer},     {96, kOther},        {99, kOther},        {1000, kOther},     {-1, kOther}};
  for (const auto& [code, reason] : all) EXPECT_EQ(name_of(reason_of_openssl(code)), name_of(reason)) << code;
}

TEST(Reasons, VerdictsOfModels) {
  EXPECT_EQ(reason_of_verdict(""), kUnknown);
  EXPECT_EQ(reason_of_verdict("ok"), kAccepted);
  EXPECT_EQ(reason_of_verdict("refused"), kStoreRefused);
  EXPECT_EQ(reason_of_verdict("untrusted"), kOther);
  EXPECT_EQ(reason_of_verdict("20"), kNoIssuer);
  EXPECT_EQ(reason_of_verdict("62"), kName);
}

TEST(Reasons, AlertsSpeakOfTheOtherSide) {
  for (const auto& [code, reason] : {std::pair{48, kNoIssuer},
                                     {45, kExpired},
                                     {44, kRevoked},
                                     {42, kOther},
                                     {43, kOther},
                                     {46, kOther},
                                     {40, kProtocol},
                                     {70, kProtocol},
                                     {71, kProtocol},
                                     {120, kProtocol},
                                     {80, kOther}})
    EXPECT_EQ(name_of(reason_of_alert(alert("client", code))), name_of(reason)) << code;
  for (const int code : {41, 42, 43, 44, 45, 46, 48, 116}) EXPECT_EQ(reason_of_alert(alert("server", code)), kClientCertificate) << code;
  for (const int code : {40, 70, 71, 112}) EXPECT_EQ(reason_of_alert(alert("server", code)), kProtocol) << code;
  EXPECT_EQ(reason_of_alert({"", std::nullopt, "", "client", true}), kUnknown);
}

TEST(Reasons, OfAHandshakeIsItsVerdictAndThenItsAlert) {
  Handshake shake;
  shake.result = "failed";
  EXPECT_EQ(reason_of(shake), kUnknown);
  shake.alert = alert("client", 48);
  EXPECT_EQ(reason_of(shake), kNoIssuer);
  shake.verify = openssl_verdict(10, "", 0, "process");
  EXPECT_EQ(reason_of(shake), kExpired);
  shake.verify = openssl_verdict(0, "", 0, "process");  // the chain was fine to the library: the alert is what is left
  EXPECT_EQ(reason_of(shake), kNoIssuer);
  shake.result = "ok";
  EXPECT_EQ(reason_of(shake), kAccepted);
  shake.verify = openssl_verdict(20, "", 0, "process");  // not enforced
  EXPECT_EQ(reason_of(shake), kUnknown);
}

TEST(Reasons, AnAnchorIsWantedForNoIssuerAndForWhatIsHidden) {
  Handshake shake;
  shake.result = "failed";
  const auto wants = [&] { return wants_anchor(shake); };
  EXPECT_FALSE(wants());
  shake.alert = alert("client", 48);
  EXPECT_TRUE(wants());
  shake.alert = alert("server", 48);  // the server lacks the client's issuer
  EXPECT_FALSE(wants());
  shake.alert = alert("client", 42);
  EXPECT_FALSE(wants());
  shake.alert = Alert{"", std::nullopt, "", "client", true};
  EXPECT_TRUE(wants());
  for (const auto& [code, wanted] : {std::pair{2, true}, {18, true}, {19, true}, {20, true}, {21, true}, {10, false}, {62, false}, {0, false}}) {
    shake.verify = openssl_verdict(code, "", 0, "process");
    EXPECT_EQ(wants(), wanted) << code;
  }
}

}  // namespace
}  // namespace tlswhy::facts
