#include <fmt/format.h>

#include <algorithm>

#include "facts/outcome.h"
#include "rules/helpers.h"
#include "rules/process_rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW602";
constexpr std::string_view kName = "openssl_conf_or_provider";

findings::Evidence about(const facts::CryptoSetting& one) {
  const std::string at = one.line != 0 ? fmt::format(", line {}", one.line) : "";
  const std::string problem = one.problem.empty() ? "" : ": " + one.problem;
  return {fmt::format("{} = {}{}{}", one.name, one.value, at, problem), one.file, "", "process"};
}

// After it had read its configuration it went its way: it connected, or looked for its store.
bool went_on(const Case& one) {
  const auto own = [&](const auto& each) { return each.pid == one.process.pid; };
  if (std::ranges::any_of(one.facts.connections, own)) return true;
  return std::ranges::any_of(one.facts.lookups, [&](const facts::Lookup& each) {
    return own(each) && std::ranges::any_of(one.stack.sources, [&](const facts::Source& source) { return source.path == each.path; });
  });
}

Outcome judge(const Case& one) {
  std::vector<const facts::CryptoSetting*> wrong;
  for (const facts::CryptoSetting& each : one.facts.crypto_settings)
    if (each.pid == one.process.pid && !each.problem.empty() && each.name != facts::kPrivateKey) wrong.push_back(&each);
  if (one.handshake != nullptr || wrong.empty() || !one.stack.base) return Silent{};
  // Its own code can't be asked whether it minds.
  if (one.stack.linkage != "shared" && went_on(one)) return Silent{};
  // The last one is what comes of those before.
  const facts::CryptoSetting& first = *wrong.back();
  Fires out{fmt::format("{} can't begin with the OpenSSL configuration in {}: {}", who(one.process), first.file, first.problem), {}};
  for (const facts::CryptoSetting* each : wrong) out.evidence.push_back(about(*each));
  const auto named = one.process.trust_env.find("OPENSSL_CONF");
  const bool set = named != one.process.trust_env.end() && !named->second.empty();
  if (set) out.evidence.push_back({"OPENSSL_CONF is " + named->second, named->second, "", "process"});
  out.evidence.push_back({fmt::format("{} {} reads it, built for modules in {}", one.stack.name, one.stack.version,
                                      one.stack.build.modulesdir.empty() ? "no folder" : one.stack.build.modulesdir),
                          one.stack.path, "", "elf"});
  out.change = set ? findings::unset_variable("OPENSSL_CONF") : findings::set_variable("OPENSSL_CONF", "/dev/null");
  return out;
}

}  // namespace

const Rule kTw602OpensslConfOrProvider{kCode,
                                       kName,
                                       "OpenSSL's configuration or a provider of it keeps the library from working",
                                       R"(What it means
  The library reads an openssl.cnf that is not made for it, or names a provider or engine that is not there: a
  module of another build, a configuration of another version, a section that is missing. Once any provider is
  named, the default one is no longer loaded by itself, and a library without it has no algorithms at all
  ("library has no ciphers", "unsupported"). Some programs end at once ("OpenSSL configuration error").

How it is seen
  The file that the process really opened is read again (OPENSSL_CONF, or openssl.cnf in the directory that the
  library was built for), with its includes; each provider and engine that it names is looked for where the
  library looks, and the process's own look-ups say what became of them.

What proves it
  The same library does not begin with its configuration, and begins without the variable that names it, or with
  an empty one (OPENSSL_CONF=/dev/null).

What to do
  Correct the file: activate the default provider beside others, name modules of this very build, or give the
  program a configuration of its own with OPENSSL_CONF.
)",
                                       {},
                                       judge};

}  // namespace tlswhy::rules
