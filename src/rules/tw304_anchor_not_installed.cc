#include <fmt/format.h>

#include <algorithm>

#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW304";
constexpr std::string_view kName = "anchor_not_installed";

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->anchor || one.handshake->anchor->uninstalled.empty()) return Silent{};
  const facts::NearAnchor& first = one.handshake->anchor->uninstalled.front();
  Fires out{fmt::format("the anchor lies on this machine and is in no store: {}: {}", first.path, first.why), {}};
  for (const facts::NearAnchor& near : one.handshake->anchor->uninstalled)
    out.evidence.push_back({fmt::format("{} is the anchor that the chain needs; {}", near.certificate.subject, near.why), near.path, "", "model"});
  if (one.facts.distribution && !one.facts.distribution->command.empty())
    out.evidence.push_back({fmt::format("{} takes what lies at {} and then {} was run", one.facts.distribution->name, one.facts.distribution->drop_in,
                                        one.facts.distribution->command),
                            "", "", "model"});
  add_common(one, out.evidence);
  if (!reads_machine_store(one)) {
    const facts::AnchorPlace file{first.path, false, "ok", true, 1};
    out.evidence.push_back({"this program does not read the machine's store: it has to be told in any case", "", "", "model"});
    if (first.path.ends_with(".crt") || first.path.ends_with(".pem")) out.change = use_store(one, file);
  }
  if (out.change.empty()) out.change.edits.push_back({findings::EditKind::kAddAnchor, first.certificate.subject, first.certificate.der});
  return out;
}

}  // namespace

const Rule kTw304AnchorNotInstalled{kCode,
                                    kName,
                                    "the wanted anchor is on this machine, but did not get into its store",
                                    R"(What it means
  The root was copied to this machine, into a folder that trust stores are made from (or one that looks like it), but the
  distribution's tool does not take it or was not run: on Debian only names that end in .crt count, and only PEM; a line
  with "!" in /etc/ca-certificates.conf deselects; every distribution has another folder.

How it is seen
  A certificate in one of these folders signed the chain, by its key and not by its name alone; no store has it.

What proves it
  The same chain passes in the same library with that certificate as an anchor.

What to do
  Put it under the right name and in the right form into the distribution's folder, and run its tool (update-ca-certificates,
  update-ca-trust). Compare its fingerprint first with whoever runs the authority.
)",
                                    kForWantOfAnchor,
                                    judge};

}  // namespace tlswhy::rules
