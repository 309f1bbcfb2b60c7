#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW201";
constexpr std::string_view kName = "env_override_bad";

// The word of the command line that names this path: "--cafile", "openssl.cafile"; "" for none.
std::string option_with(const facts::Process& process, const std::string& path) {
  for (std::size_t i = 1; i < process.command.size(); ++i) {
    const std::string& word = process.command[i];
    if (word == path && process.command[i - 1].starts_with('-')) return process.command[i - 1];
    if (word.size() > path.size() + 1 && word.ends_with("=" + path)) return word.substr(0, word.size() - path.size() - 1);
  }
  return "";
}

// "SSL_CERT_FILE=/x", "--cacert /x", "/x of /root/.curlrc", "/x, which the program itself names".
std::string named(const Case& one, const facts::Source& source) {
  if (source.kind == "env") return source.variable + "=" + source.path;
  if (source.kind == "explicit") {
    const std::string option = option_with(one.process, source.path);
    return option.empty() ? source.path + ", which the program itself names" : option + " " + source.path;
  }
  const std::string by = source.detail.substr(0, source.detail.find(';'));
  return by.starts_with('-') ? by + " " + source.path : fmt::format("{} of {}", source.path, by);
}

// A keystore is TW204's. A store that the program itself loads counts where its command line names it, or where that failed, and it gave up.
bool overrides(const Case& one, const facts::Source& source) {
  if (source.what == "keystore") return false;
  const bool failed = one.handshake == nullptr && source.status != "ok";
  return source.kind == "env" || source.kind == "config" || (source.kind == "explicit" && (failed || !option_with(one.process, source.path).empty()));
}

// A directory that somebody named, and that has the anchor without a hash name: that is what it lacks (TW105).
bool lacks_names_only(const Case& one) {
  return std::ranges::any_of(
      effective(one), [](const auto* source) { return source->kind != "compiled" && source->status == "unhashed" && source->holds_unusable_anchor; });
}

Outcome judge(const Case& one) {
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
  if (const auto* place = usable_place(one); out.change.empty() && place != nullptr) out.change = use_store(one, *place);
  if (out.change.empty() && one.handshake != nullptr && bad.front()->kind == "explicit") out.change = with_top_as_anchor(*one.handshake);
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
