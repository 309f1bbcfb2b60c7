// NSS: the database that a program opens (lib/nss/nssinit.c), told with store@DIRECTORY; without it the user's own, as
// Chromium has it. The roots that come with NSS count only in programs that load libnssckbi.so.

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust nss_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  builder.ignores_openssls("NSS does not read it");
  const std::string folder = spec.store.empty() ? builder.as.home() + "/.pki/nssdb" : spec.store;
  store::AnchorSet set = builder.reader.nss_database(folder + "/cert9.db");
  if (set.error != 0 || !set.damage.empty()) builder.out.refusal = "it can't open " + set.path;
  builder.add(std::move(set), "");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
