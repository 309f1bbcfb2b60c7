#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW105";
constexpr std::string_view kName = "unhashed_or_stale_capath";

// Without a chain: certificates in a directory that no name leads to, and nothing else to find.
Outcome judge_set_up(const Case& one) {
  const auto unhashed = with_status(one, "unhashed");
  const auto sources = effective(one);
  if (unhashed.empty() || std::ranges::any_of(sources, [](const auto* source) { return source->anchors > 0; })) return Silent{};
  Fires out{fmt::format("{} finds no trust anchors: the certificates in {} have no hash names", who(one.process), unhashed.front()->path), {}};
  for (const facts::Source* source : sources) out.evidence.push_back(about(one, *source));
  out.change.edits.push_back({findings::EditKind::kRehash, unhashed.front()->path, ""});
  return out;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return judge_set_up(one);
  const auto sources = effective(one);
  const auto hidden = std::ranges::find_if(sources, [](const auto* source) { return source->what == "directory" && source->holds_unusable_anchor; });
  if (hidden == sources.end()) return Silent{};
  const facts::Source& directory = **hidden;
  Fires out{fmt::format("{} can't find the anchor in {}: the file is there, its hash name {}.0 is not", who(one.process), directory.path,
                        one.handshake->anchor ? one.handshake->anchor->subject_hash : "HASH"),
            {}};
  for (const facts::Source* source : sources) out.evidence.push_back(about(one, *source));
  out.evidence.push_back(about_anchor(one));
  // `openssl rehash` takes files of these endings only (apps/rehash.c); any other gets its link by itself.
  const std::string& file = directory.anchor_file;
  const bool taken = std::ranges::any_of(std::array{".pem", ".crt", ".cer", ".crl"}, [&](const char* end) { return file.ends_with(end); });
  if (taken || !one.handshake->anchor || file.empty())
    out.change.edits.push_back({findings::EditKind::kRehash, directory.path, ""});
  else
    out.change.edits.push_back({findings::EditKind::kMakeLink, directory.path + "/" + one.handshake->anchor->subject_hash + ".0", file});
  return out;
}

}  // namespace

const Rule kTw105UnhashedOrStaleCapath{kCode,
                                       kName,
                                       "the directory holds the anchor, but not under a name that OpenSSL looks for",
                                       R"(What it means
  OpenSSL never lists a certificate directory: it opens HASH.0, HASH.1, … for the hash of the subject it wants.
  A directory without such names (nobody ran `openssl rehash`), with the MD5 names of OpenSSL 0.9.8, or with a
  gap in the numbers, is empty to it.

How it is seen
  A file in the directory holds the anchor that the chain needs, and no HASH.N name without a gap leads to it.

What proves it
  The same chain in the same library passes with a copy of the directory that has the names.

What to do
  Run `openssl rehash DIRECTORY` (or c_rehash), and again after every change of the directory.
  Source: OpenSSL crypto/x509/by_dir.c.
)",
                                       kForWantOfAnchor,
                                       judge};

}  // namespace tlswhy::rules
