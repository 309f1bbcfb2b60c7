// Gives a certificate directory the names that OpenSSL looks for.

#include "base/text.h"
#include "fix/remedies.h"

namespace tlswhy::fix {
namespace {

std::optional<Offer> offer(const facts::Finding& finding, const facts::Facts&) {
  if (finding.code != "TW105") return std::nullopt;
  Offer out{{}, finding.change};
  out.fix.title = "Make the hash names of the directory";
  out.fix.command = "openssl rehash " + base::shell_quote(finding.change.copy_anchor_from);
  return out;
}

}  // namespace

const Remedy kRehash{"rehash", "make the hash names of a certificate directory", offer};

}  // namespace tlswhy::fix
