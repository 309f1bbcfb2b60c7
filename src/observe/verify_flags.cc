#include "observe/verify_flags.h"

#include <algorithm>
#include <array>
#include <span>

#include "facts/reasons.h"

namespace tlswhy::observe {
namespace {

using enum facts::Reason;

struct Flag {
  std::uint32_t bit;
  const char* text;
  facts::Reason reason = kOther;
};

constexpr std::uint32_t kInvalid = 1U << 1;  // GnuTLS' flag for all that is wrong

constexpr std::array kGnutls{Flag{1U << 5, "revoked", kRevoked},
                             Flag{1U << 6, "the issuer is not known", kNoIssuer},
                             Flag{1U << 7, "the issuer is not a CA", kConstraint},
                             Flag{1U << 8, "insecure algorithm", kWeak},
                             Flag{1U << 9, "not yet valid", kNotYetValid},
                             Flag{1U << 10, "expired", kExpired},
                             Flag{1U << 11, "the signature does not verify"},
                             Flag{1U << 12, "old revocation data", kNoRevocation},
                             Flag{1U << 14, "the name does not match", kName},
                             Flag{1U << 15, "revocation data of the future", kNoRevocation},
                             Flag{1U << 16, "outside the issuer's constraints", kConstraint},
                             Flag{1U << 17, "not the expected certificate"},
                             Flag{1U << 18, "not for this purpose", kPurpose},
                             Flag{1U << 19, "no OCSP answer", kNoRevocation},
                             Flag{1U << 20, "invalid OCSP answer", kNoRevocation},
                             Flag{1U << 21, "unknown critical extension", kConstraint},
                             Flag{kInvalid, "invalid"}};

constexpr std::array kMbed{Flag{0x01, "expired", kExpired},
                           Flag{0x02, "revoked", kRevoked},
                           Flag{0x04, "the name does not match", kName},
                           Flag{0x08, "not trusted", kNoIssuer},
                           Flag{0x10, "a CRL that is not trusted", kNoRevocation},
                           Flag{0x20, "an expired CRL", kNoRevocation},
                           Flag{0x40, "no certificate"},
                           Flag{0x0200, "not yet valid", kNotYetValid},
                           Flag{0x0400, "a CRL of the future", kNoRevocation},
                           Flag{0x0800, "not for this use", kPurpose},
                           Flag{0x1000, "not for this purpose", kPurpose},
                           Flag{0x2000, "not for this type of use", kPurpose},
                           Flag{0x0100, "refused by the program", kOwnCheck},
                           Flag{0x4000, "insecure digest", kWeak},
                           Flag{0x8000, "insecure key type", kWeak},
                           Flag{0x010000, "key too short", kWeak}};

struct Number {
  int code;
  std::string_view text;
  facts::Reason reason = kOther;
};

constexpr std::array kNss{Number{-8182, "the signature does not verify"},
                          Number{-8181, "expired", kExpired},
                          Number{-8180, "revoked", kRevoked},
                          Number{-8179, "the issuer is not known", kNoIssuer},
                          Number{-8172, "the issuer is not trusted", kSelfSigned},
                          Number{-8171, "not trusted"},
                          Number{-8162, "the issuer's certificate has expired", kExpired},
                          Number{-8156, "the issuer is not a CA", kConstraint},
                          Number{-8155, "path too long", kConstraint},
                          Number{-8151, "unknown critical extension", kConstraint},
                          Number{-8102, "its key is not for this purpose", kPurpose},
                          Number{-8101, "not for this purpose", kPurpose},
                          Number{-8080, "outside the issuer's constraints", kConstraint},
                          Number{-8016, "insecure signature algorithm", kWeak},
                          Number{-12276, "the name does not match", kName}};

constexpr std::array kWolfSsl{Number{-150, "not yet valid", kNotYetValid},
                              Number{-151, "expired", kExpired},
                              Number{-155, "the signature does not verify"},
                              Number{-188, "the issuer is not known", kNoIssuer},
                              Number{-237, "path too long", kConstraint},
                              Number{-238, "path too long", kConstraint},
                              Number{-275, "self-signed", kSelfSigned},
                              Number{-322, "the name does not match", kName},
                              Number{-325, "the address does not match", kName},
                              Number{-360, "revoked", kRevoked},
                              Number{-361, "revoked", kRevoked}};

std::span<const Flag> flags_of(Family family) { return family == Family::kMbedTls ? std::span<const Flag>(kMbed) : std::span<const Flag>(kGnutls); }

const Number* number_of(Family family, int code) {
  const auto table = family == Family::kNss ? std::span<const Number>(kNss) : std::span<const Number>(kWolfSsl);
  const auto row = std::ranges::find(table, code, &Number::code);
  return row == table.end() ? nullptr : &*row;
}

// Several may be set: an issuer that is missing comes before all that is wrong beside it.
facts::Reason reason_of_flags(Family family, std::uint32_t flags) {
  facts::Reason out = kUnknown;
  for (const Flag& flag : flags_of(family)) {
    if ((flags & flag.bit) == 0) continue;
    if (flag.reason == kNoIssuer) return kNoIssuer;
    if (out == kUnknown || out == kOther) out = flag.reason;
  }
  return out == kUnknown ? kOther : out;
}

}  // namespace

std::string_view reason_text(Family family, int code) {
  const Number* row = number_of(family, code);
  return row == nullptr ? std::string_view() : row->text;
}

std::string flags_text(Family family, std::uint32_t flags) {
  std::string out;
  for (const Flag& flag : flags_of(family))
    if ((flags & flag.bit) != 0 && (out.empty() || flag.bit != kInvalid)) out += (out.empty() ? "" : ", ") + std::string(flag.text);
  return out;
}

facts::Reason reason_of(Family family, std::optional<int> native, bool accepted) {
  if (!native) return accepted ? kAccepted : kUnknown;
  const int code = *native;
  if (code == 0) return accepted ? kAccepted : kOther;
  switch (family) {
    case Family::kGnuTls:
    case Family::kMbedTls: return reason_of_flags(family, static_cast<std::uint32_t>(code));
    case Family::kNss:
    case Family::kWolfSsl: {
      const Number* row = number_of(family, code);
      return row == nullptr ? kOther : row->reason;
    }
    case Family::kGo:
      return kOther;  // its errors are types (go_program.h)
    // X509_V_ERR_UNSPECIFIED: what is left when the program's callback says no and nothing else (X509_verify_cert).
    default: return code == 1 && !accepted ? kOwnCheck : facts::reason_of_openssl(code);
  }
}

}  // namespace tlswhy::observe
