#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW201";
constexpr std::string_view kName = "env_override_bad";

Outcome judge(const Case& one) {
  std::vector<const facts::Source*> bad;
  for (const facts::Source* source : effective(one))
    if (source->kind == "env" && !source->holds_anchor.value_or(source->status == "ok")) bad.push_back(source);
  if (bad.empty()) return Silent{};
  // A good store that lacks an anchor which no place here has is not what is wrong.
  const bool elsewhere = one.stack.default_holds_anchor.value_or(true) || usable_place(one) != nullptr;
  if (!elsewhere && std::ranges::all_of(bad, [](const auto* source) { return source->status == "ok"; })) return Silent{};
  const std::string state = bad.front()->status == "ok" ? "the needed anchor is not in it" : bad.front()->status;
  Fires out{fmt::format("{} is sent to a bad trust store: {}={} ({})", who(one.process), bad.front()->variable, bad.front()->path, state), {}};
  add_common(one, out.evidence);
  if (one.stack.default_holds_anchor.value_or(true)) {
    for (const facts::Source* source : bad)
      if (const findings::Edit edit{findings::EditKind::kUnsetVariable, source->variable, ""};
          std::ranges::find(out.change.edits, edit) == out.change.edits.end())
        out.change.edits.push_back(edit);
  } else if (const auto* place = usable_place(one)) {
    out.change = use_store(one, *place);
  }
  return out;
}

}  // namespace

const Rule kTw201EnvOverrideBad{kCode,
                                kName,
                                "SSL_CERT_FILE or SSL_CERT_DIR replaces a good default by a bad place",
                                R"(What it means
  A variable in the environment of the process replaces the compiled-in place, and what it names is missing,
  empty, broken, or lacks the anchor. OpenSSL does not fall back: a variable that is set, even to "", disables
  that default.

How it is seen
  The value stands in the process's own environment (not merely in the shell's), the process obeys it (no
  AT_SECURE), and the file or directory it names does not give the anchor.

What proves it
  The same chain in the same library passes with the variable unset; or, where the default is of no use here
  either, with the variable pointing to this machine's store.

What to do
  Unset the variable, or correct it. SSL_CERT_FILE and SSL_CERT_DIR are two separate knobs.
)",
                                kForWantOfAnchor,
                                judge};

}  // namespace tlswhy::rules
