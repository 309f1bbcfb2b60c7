#include <fmt/format.h>

#include <algorithm>

#include "facts/named_by.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW201";
constexpr std::string_view kName = "env_override_bad";

// "SSL_CERT_FILE=/x", "--cacert /x"; "" where neither a variable nor an option names the path.
std::string setting(const facts::NamedBy& by, const std::string& path) {
  if (!by.variable.empty()) return by.variable + "=" + path;
  if (by.option.empty()) return "";
  return by.word() + (by.option.starts_with('-') ? " " : "=") + path;
}

// "SSL_CERT_FILE=/x", "--cacert /x", "/x of /root/.curlrc", "/x, which the program itself names".
std::string named(const Case& one, const facts::Source& source) {
  if (source.kind == "env") return source.variable + "=" + source.path;
  if (source.kind == "explicit") {
    const std::string by = setting(facts::named_by(one.process, source.path), source.path);
    return by.empty() ? source.path + ", which the program itself names" : by;
  }
  const std::string by = source.detail.substr(0, source.detail.find(';'));
  return by.starts_with('-') ? by + " " + source.path : fmt::format("{} of {}", source.path, by);
}

// A keystore is TW204's. A store that the program itself loads counts where its environment or its command line names it, or where that failed,
// and it gave up.
bool overrides(const Case& one, const facts::Source& source) {
  if (source.what == "keystore") return false;
  const bool failed = one.handshake == nullptr && source.status != "ok";
  return source.kind == "env" || source.kind == "config" ||
         (source.kind == "explicit" && (failed || facts::named_by(one.process, source.path).somebody()));
}

// What was named gets another value: a store of this machine that has the anchor.
findings::Change name_another(const Case& one, const facts::NamedBy& by, bool directory) {
  const facts::AnchorPlace* place = usable_place(one);
  if (!by.somebody() || place == nullptr || place->directory != directory) return {};
  const auto kind = by.variable.empty() ? findings::EditKind::kSetOption : findings::EditKind::kSetVariable;
  return {{{kind, by.variable.empty() ? by.option : by.variable, place->path}}};
}

// The process looked for a store that a variable or an option names, met an error, and went no further.
const facts::Lookup* complained_of(const Case& one) {
  const auto hit = std::ranges::find_if(one.facts.lookups, [&](const facts::Lookup& each) { return each.pid == one.process.pid && each.gave_up; });
  return hit == one.facts.lookups.end() ? nullptr : &*hit;
}

// A variable of a stack of the process: what that makes of a bad path its model tells (OpenSSL goes on without).
bool is_known(const Case& one, const std::string& variable) {
  return std::ranges::any_of(one.facts.stacks, [&](const facts::Stack& stack) {
    return stack.pid == one.process.pid && std::ranges::find(stack.knobs, variable, &facts::Knob::name) != stack.knobs.end();
  });
}

// Before any library of it was asked.
Outcome judge_early(const Case& one) {
  const facts::Lookup* lookup = complained_of(one);
  if (lookup == nullptr) return Silent{};
  const facts::NamedBy by = facts::named_by(one.process, lookup->path);
  if (!by.speaks_of_trust() || is_known(one, by.variable)) return Silent{};
  Fires out{fmt::format("{} is sent to a bad trust store: {} ({})", who(one.process), setting(by, lookup->path), lookup->error), {}};
  out.evidence.push_back({lookup->call, lookup->path, lookup->error, "trace"});
  out.evidence.push_back({lookup->said.empty() ? "after that it connected to nothing, and failed" : "then the program said: " + lookup->said, "", "",
                          lookup->said.empty() ? "trace" : "process"});
  const std::string name = by.variable.empty() ? by.word() : by.variable;
  const bool directory = name.contains("path") || name.contains("PATH") || name.contains("dir") || name.contains("DIR");
  out.change = name_another(one, by, directory);
  return out;
}

// A directory that somebody named, and that has the anchor without a hash name: that is what it lacks (TW105).
bool lacks_names_only(const Case& one) {
  return std::ranges::any_of(
      effective(one), [](const auto* source) { return source->kind != "compiled" && source->status == "unhashed" && source->holds_unusable_anchor; });
}

Outcome judge(const Case& one) {
  if (one.stack.name.empty() && one.handshake == nullptr) return judge_early(one);
  std::vector<const facts::Source*> bad;
  for (const facts::Source* source : effective(one))
    if (overrides(one, *source) && !source->holds_anchor.value_or(source->status == "ok")) bad.push_back(source);
  if (bad.empty() || lacks_names_only(one)) return Silent{};
  // A good store that lacks an anchor which no place here has is not what is wrong.
  const bool elsewhere = one.stack.default_holds_anchor.value_or(true) || usable_place(one) != nullptr;
  if (!elsewhere && std::ranges::all_of(bad, [](const auto* source) { return source->status == "ok"; })) return Silent{};
  const std::string state = bad.front()->status == "ok" ? "the needed anchor is not in it" : bad.front()->status;
  Fires out{fmt::format("{} is sent to a bad trust store: {} ({})", who(one.process), named(one, *bad.front()), state), {}};
  add_common(one, out.evidence);
  if (one.stack.default_holds_anchor.value_or(true)) out.change = leave_out(bad);
  const bool own = bad.front()->kind == "explicit";
  if (out.change.empty() && own) out.change = name_another(one, facts::named_by(one.process, bad.front()->path), bad.front()->what == "directory");
  if (const auto* place = usable_place(one); out.change.empty() && place != nullptr && !own) out.change = use_store(one, *place);
  if (out.change.empty() && one.handshake != nullptr && own) out.change = with_top_as_anchor(*one.handshake);
  return out;
}

}  // namespace

const Rule kTw201EnvOverrideBad{kCode,
                                kName,
                                "a variable, an option or a configuration file replaces a good default by a bad store",
                                R"(What it means
  A variable in the environment of the process (SSL_CERT_FILE, CURL_CA_BUNDLE, GIT_SSL_CAINFO, REQUESTS_CA_BUNDLE …),
  an option (--cacert), a property or a configuration file (.curlrc, .wgetrc, .gitconfig) replaces the built-in
  place, and what it names is missing, empty, broken, or lacks the anchor. Few stacks fall back: OpenSSL takes a
  variable that is set, even to "", instead of that default.

How it is seen
  The value stands in the process's own environment (not merely in the shell's), its command line or the file that
  its stack reads; the process obeys it (no AT_SECURE); and what it names does not give the anchor.

What proves it
  The same chain in the same library passes without the variable or option; or, where the default is of no use
  here either, with the stack's own variable pointing to this machine's store.

What to do
  Take the setting away, or correct it. `tlswhy stacks` lists what steers each stack.
)",
                                kForWantOfAnchor,
                                judge};

}  // namespace tlswhy::rules
