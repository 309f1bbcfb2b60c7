#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW203";
constexpr std::string_view kName = "wrong_store_for_runtime";

bool gives_anchors(const facts::Source* source) {
  return source->status == "ok" && (source->anchors > 0 || source->kind == "bundled" || source->what == "list");
}

// What it reads instead: "the roots compiled into node", "/opt/app/ca.pem".
std::string in_words(const facts::Source& source) {
  if (source.path.empty()) return source.kind == "bundled" ? source.detail : "certificates that it adds by itself";
  return source.path;
}

std::string knob_line(const Case& one, const facts::AnchorPlace& place) {
  const facts::Knob* knob = one.stack.knob_for(place.directory);
  if (knob == nullptr) return "no variable or option brings another store into this program: its own code or configuration has to name it";
  return fmt::format("the {} {} brings another store in{}", knob->kind, knob->name, knob->adds ? ", beside what is read anyway" : "");
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->anchor) return Silent{};
  const facts::AnchorPlace* place = usable_place(one);
  const auto sources = effective(one);
  const auto own = std::ranges::find_if(sources, gives_anchors);
  if (place == nullptr || own == sources.end()) return Silent{};
  const auto has_it = [](const auto* source) { return source->holds_anchor.value_or(false) || source->holds_unusable_anchor; };
  if (std::ranges::any_of(sources, has_it)) return Silent{};
  // What is in a list inside a program was not read: a public root may well be there, and the refusal be about something else.
  const bool unread = (*own)->kind == "bundled" || (*own)->what == "list";
  if (unread && one.handshake->anchor->public_name && facts::reason_of(*one.handshake) == facts::Reason::kUnknown) return Silent{};
  Fires out{fmt::format("{} does not read the store that has the anchor: it trusts {}, and the anchor is in {}", who(one.process), in_words(**own),
                        place->path),
            {}};
  add_common(one, out.evidence);
  if (!place->detail.empty()) out.evidence.push_back({place->detail + ", which this program does not read", place->path, "", "process"});
  out.evidence.push_back({knob_line(one, *place), "", "", "model"});
  out.change = use_store(one, *place);
  if (out.change.empty()) out.change = with_top_as_anchor(*one.handshake);
  return out;
}

}  // namespace

const Rule kTw203WrongStoreForRuntime{kCode,
                                      kName,
                                      "the anchor is in a store of this machine that this program never reads",
                                      R"(What it means
  Somebody added the anchor to this machine's store, and the program has another one: a list that is compiled in (node, Deno,
  Rust's webpki-roots), one that a package brings along (certifi, gRPC), a Java keystore, or a file that its own code names.
  What curl or openssl accept on the same machine says nothing about it.

How it is seen
  What the program read gives anchors, but not this one; a store of the machine that it does not read has it.

What proves it
  The same chain passes with nothing changed but the program's own variable or option, which names that store; where there is
  none, with the anchor added to what it loads.

What to do
  Use the program's own setting (`tlswhy stacks` lists them: NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE, DENO_CERT …). For
  Java, import the anchor into its keystore (keytool -importcert -cacerts). For a program that names its file itself, change
  that file or the name in its configuration.
)",
                                      kForWantOfAnchor,
                                      judge};

}  // namespace tlswhy::rules
