#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW301";
constexpr std::string_view kName = "malformed_bundle";

bool is_der(const facts::Source& source) { return source.detail.contains("it is DER"); }

bool is_bad(const facts::Source& source) {
  if (source.what != "file") return false;
  return source.status == "malformed" || source.holds_unusable_anchor || is_der(source) ||
         (source.status == "empty" && source.kind != "env" && source.kind != "config");
}

std::string trouble(const facts::Source& source) {
  if (source.status == "empty" && !is_der(source)) return "there is no certificate in it";
  return source.detail.empty() ? "it can't be read as PEM" : source.detail;
}

Outcome judge(const Case& one) {
  const auto sources = effective(one);
  if (std::ranges::any_of(sources, [](const auto* source) { return source->holds_anchor.value_or(false); })) return Silent{};
  const auto wanted = [](const facts::Source* source) { return is_bad(*source) && source->holds_unusable_anchor; };
  auto bad = std::ranges::find_if(sources, wanted);
  if (bad == sources.end()) bad = std::ranges::find_if(sources, [](const auto* source) { return is_bad(*source); });
  if (bad == sources.end()) return Silent{};
  const facts::Source& file = **bad;
  const bool repairs = file.holds_unusable_anchor || (one.handshake == nullptr && (file.status == "malformed" || is_der(file)));
  // Without the anchor it is no loss that the file can't be read: who named it is to blame.
  const bool named = file.kind == "env" || file.kind == "config";
  if (!repairs && named) return Silent{};
  // Where nothing has a certificate there is no store at all (TW103).
  if (!repairs && file.status == "empty" && !machine_has_store(one)) return Silent{};
  Fires out{fmt::format("{} can't use {}: {}", who(one.process), file.path, trouble(file)), {}};
  if (file.holds_unusable_anchor)
    out.evidence.push_back({"the anchor that the chain needs is in this file, and lost with what can't be read", file.path, "", "model"});
  add_common(one, out.evidence);
  if (repairs)
    out.change.edits.push_back({findings::EditKind::kRepairBundle, file.path, is_der(file) ? "der" : ""});
  else
    out.change = use_store_for(one, file);
  return out;
}

}  // namespace

const Rule kTw301MalformedBundle{kCode,
                                 kName,
                                 "the bundle can't be read: a bad block, DER, or nothing in it",
                                 R"(What it means
  One block that can't be read costs more than itself: OpenSSL gives up the whole file, node and others what comes after it.
  Common: files joined without a newline between END and BEGIN, a DER file where PEM is needed, a truncated copy, an HTML
  page that was saved as a bundle, an empty file.

How it is seen
  The file is read as this stack reads it; the first bad block is named with its offset. The anchor is in the file, where a
  reader without such rules finds it.

What proves it
  The same chain passes in the same library with the file written anew: certificates and comments kept, the rest left out.

What to do
  Write the file anew (`openssl x509` tells which blocks are good), or have the distribution's tool make it again, and mend
  what it was made from.
)",
                                 kForWantOfAnchor,
                                 judge};

}  // namespace tlswhy::rules
