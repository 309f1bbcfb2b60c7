// Gives a certificate directory the names that OpenSSL looks for.

#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts&) {
  if (!finding.change.has(EditKind::kRehash)) return std::nullopt;
  return Offer{"Make the hash names of the directory", finding.change};
}

}  // namespace

const Remedy kRehash{"rehash", "make the hash names of a certificate directory", offer};

}  // namespace tlswhy::fix
