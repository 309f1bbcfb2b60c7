#include "observe/verify_flags.h"

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

}  // namespace

std::string flags_text(Family family, std::uint32_t flags) {
  std::string out;
  const auto table = family == Family::kMbedTls ? std::span<const Flag>(kMbed) : std::span<const Flag>(kGnutls);
  for (const Flag& flag : table)
    if ((flags & flag.bit) != 0 && (out.empty() || flag.bit != 1U << 1)) out += (out.empty() ? "" : ", ") + std::string(flag.text);
  return out;
}

}  // namespace tlswhy::observe
