#include "observe/verify_flags.h"

#include <algorithm>
#include <array>
#include <span>

namespace tlswhy::observe {
namespace {

struct Flag {
  std::uint32_t bit;
  const char* text;
};

constexpr std::array kGnutls{Flag{1U << 5, "revoked"},
                             Flag{1U << 6, "the issuer is not known"},
                             Flag{1U << 7, "the issuer is not a CA"},
                             Flag{1U << 8, "insecure algorithm"},
                             Flag{1U << 9, "not yet valid"},
                             Flag{1U << 10, "expired"},
                             Flag{1U << 11, "the signature does not verify"},
                             Flag{1U << 14, "the name does not match"},
                             Flag{1U << 16, "outside the issuer's constraints"},
                             Flag{1U << 17, "not the expected certificate"},
                             Flag{1U << 18, "not for this purpose"},
                             Flag{1U << 19, "no OCSP answer"},
                             Flag{1U << 20, "invalid OCSP answer"},
                             Flag{1U << 21, "unknown critical extension"},
                             Flag{1U << 1, "invalid"}};

constexpr std::array kMbed{Flag{0x01, "expired"},
                           Flag{0x02, "revoked"},
                           Flag{0x04, "the name does not match"},
                           Flag{0x08, "not trusted"},
                           Flag{0x0200, "not yet valid"},
                           Flag{0x0800, "not for this use"},
                           Flag{0x4000, "insecure digest"},
                           Flag{0x8000, "insecure key type"},
                           Flag{0x010000, "key too short"}};

struct Reason {
  int code;
  std::string_view text;
};

constexpr std::array kNssReasons{Reason{-8182, "the signature does not verify"},
                                 Reason{-8181, "expired"},
                                 Reason{-8180, "revoked"},
                                 Reason{-8179, "the issuer is not known"},
                                 Reason{-8172, "the issuer is not trusted"},
                                 Reason{-8171, "not trusted"},
                                 Reason{-8162, "the issuer's certificate has expired"},
                                 Reason{-8156, "the issuer is not a CA"},
                                 Reason{-8155, "path too long"},
                                 Reason{-8102, "its key is not for this purpose"},
                                 Reason{-8101, "not for this purpose"},
                                 Reason{-8080, "outside the issuer's constraints"},
                                 Reason{-8016, "insecure signature algorithm"},
                                 Reason{-12276, "the name does not match"}};

constexpr std::array kWolfReasons{Reason{-150, "not yet valid"},
                                  Reason{-151, "expired"},
                                  Reason{-155, "the signature does not verify"},
                                  Reason{-188, "the issuer is not known"},
                                  Reason{-237, "path too long"},
                                  Reason{-238, "path too long"},
                                  Reason{-275, "self-signed"},
                                  Reason{-322, "the name does not match"}};

}  // namespace

std::string_view reason_text(Family family, int code) {
  const auto table = family == Family::kNss ? std::span<const Reason>(kNssReasons) : std::span<const Reason>(kWolfReasons);
  const auto row = std::ranges::find(table, code, &Reason::code);
  return row == table.end() ? std::string_view() : row->text;
}

std::string flags_text(Family family, std::uint32_t flags) {
  std::string out;
  const auto table = family == Family::kMbedTls ? std::span<const Flag>(kMbed) : std::span<const Flag>(kGnutls);
  for (const Flag& flag : table)
    if ((flags & flag.bit) != 0 && (out.empty() || flag.bit != 1U << 1)) out += (out.empty() ? "" : ", ") + std::string(flag.text);
  return out;
}

}  // namespace tlswhy::observe
