// NSS: the database that a program opens (lib/nss/nssinit.c), told with store@DIRECTORY; without it the user's own, as
// Chromium has it. The roots that come with NSS count only in programs that load libnssckbi.so.

#include <array>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust nss_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  builder.ignores_openssls("NSS does not read it");
  const std::string folder = spec.store.empty() ? builder.as.home() + "/.pki/nssdb" : spec.store;
  store::AnchorSet set = builder.reader.nss_database(folder + "/cert9.db");
  if (set.error != 0 || !set.damage.empty()) builder.out.refusal = "it can't open " + set.path;
  builder.add(std::move(set), "");
  return std::move(builder.out);
}

// lib/libpkix and lib/certhigh/certvfy.c, 3.87.
static Policy nss_policy(const Spec&) {
  Policy out{.level = 0, .sha1_is_fine = true, .leaf_purpose_only = true};
  out.end_counts = out.leaf_is_no_authority = true;
  out.anchor_extensions_count = false;
  out.common_extensions_known = true;
  out.tolerance = 86'400;  // PENDING_SLOP in lib/certdb/certdb.c
  out.keys = {.p192 = false, .smallest_rsa = 1023};
  out.passed_over = {kNoVerdict};
  out.search.alternatives = true;
  return out;
}

namespace {
constexpr std::array kMarksOfNss{Mark{.soname = "libnss3.so", .symbol = "NSS_Initialize", .version_text = "Version: NSS "}};
}  // namespace
constinit const Stack kNss{.id = "nss",
                           .title = "NSS",
                           .versions = "3.87, cert9.db",
                           .standing = Standing::kChecked,
                           .steered_by = "the database directory that the program opens",
                           .marks = kMarksOfNss,
                           .trust = nss_trust,
                           .policy = nss_policy};

}  // namespace tlswhy::stacks
