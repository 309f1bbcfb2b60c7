#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW101";
constexpr std::string_view kName = "compiled_path_mismatch";

// The variables that bring a store in, and whether they are set.
std::string environment(const Case& one) {
  std::vector<std::string> names;
  bool set = false;
  for (const facts::Knob& knob : one.stack.knobs) {
    if (knob.kind != "variable" || knob.holds == "flag" || !knob.only_with.empty()) continue;
    names.push_back(knob.name);
    set = set || one.process.trust_env.contains(knob.name);
  }
  if (names.empty()) return "no variable names another place for this stack";
  const std::string all = base::join(names, " and ");
  if (set) return fmt::format("of {} one is set, but does not help", all);
  const char* are = names.size() == 1 ? "is" : "are";
  return one.process.at_secure ? fmt::format("{} {} not set, and would be ignored (AT_SECURE)", all, are)
                               : fmt::format("{} {} not set; this process would obey {}", all, are, names.size() == 1 ? "it" : "them");
}

// Not there, or a directory with nothing in it: packages leave such behind.
bool is_absent(const facts::Source* source) { return source->status == "missing" || (source->what == "directory" && source->status == "empty"); }

// What is compiled in and absent: all that it would read, or a place that it can't do without (curl's file, though its directory is there).
const facts::Source* absent(const Case& one) {
  const auto sources = effective(one);
  const bool needed = std::ranges::any_of(sources, [&](const auto* source) { return is_absent(source) && one.stack.refusal.contains(source->path); });
  const auto compiled = std::ranges::find_if(sources, [&](const auto* source) { return source->kind == "compiled" && is_absent(source); });
  return compiled != sources.end() && (needed || std::ranges::all_of(sources, is_absent)) ? *compiled : nullptr;
}

Outcome judge(const Case& one) {
  const auto sources = effective(one);
  const facts::Source* compiled = absent(one);
  if (compiled == nullptr || !machine_has_store(one)) return Silent{};
  const std::string place = one.stack.base ? one.stack.build.openssldir : compiled->path;
  Fires out{
      fmt::format("{} finds no trust anchors: its {}{}{} looks in {}, which {} here", who(one.process), one.stack.name,
                  one.stack.version.empty() ? "" : " ", one.stack.version, place, compiled->status == "missing" ? "does not exist" : "is empty"),
      {}};
  if (one.stack.base) out.evidence.push_back(built_for(one.stack));
  for (const facts::Source* source : sources) out.evidence.push_back(about(one, *source));
  out.evidence.push_back({environment(one), "", "", "process"});
  if (one.handshake != nullptr) out.evidence.push_back(about_anchor(one));
  out.change = use_store_for(one, *compiled);
  return out;
}

}  // namespace

const Rule kTw101CompiledPathMismatch{kCode,
                                      kName,
                                      "the TLS library was built for a directory that is not on this machine",
                                      R"(What it means
  A TLS library carries the directory of its trust store inside itself: OpenSSL's OPENSSLDIR, fixed when it
  was built. A bundled, static or relocated library often brings the path of the machine that built it. When
  that directory is not here, OpenSSL loads no anchors, reports success, and every verification then fails
  with "unable to get local issuer certificate" (alert 48, unknown_ca), while other programs work.

How it is seen
  The paths are read from the mapped library's own code, without running it; both the certificate file and the
  certificate directory are missing (ENOENT) in the root of the process; no environment variable replaces them.

What proves it
  The very chain, verified in a copy of the very library: it fails as the process was set up, and passes with
  nothing changed but SSL_CERT_FILE pointing to this machine's store.

What to do
  Safest first: set SSL_CERT_FILE (or SSL_CERT_DIR) for the program. Or make the directory exist as a link to
  the machine's store. Or ship a library that was built with --openssldir of the target machine.
  Sources: OpenSSL include/internal/common.h, crypto/x509/x509_def.c; python/cpython Lib/ssl.py.
)",
                                      kForWantOfAnchor,
                                      judge};

}  // namespace tlswhy::rules
