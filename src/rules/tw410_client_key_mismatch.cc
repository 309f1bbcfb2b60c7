#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/outcome.h"
#include "rules/helpers.h"
#include "rules/process_rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW410";
constexpr std::string_view kName = "client_key_mismatch";

bool failed(const facts::TrustCall& call) { return call.result.value_or(1) <= 0; }

// The call that failed, and was not made again with success.
const facts::TrustCall* failed_call(const Case& one) {
  const facts::TrustCall* out = nullptr;
  for (const facts::TrustCall& call : one.facts.trust_calls) {
    if (call.pid != one.process.pid || !facts::loads_own_key(call)) continue;
    if (failed(call) && out == nullptr) out = &call;
    if (!failed(call) && out != nullptr && out->call == call.call) out = nullptr;
  }
  return out;
}

Outcome judge(const Case& one) {
  if (one.handshake != nullptr) return Silent{};
  const facts::TrustCall* call = failed_call(one);
  if (call == nullptr) return Silent{};
  const std::string files = base::join(call->arguments, ", ");
  const auto setting =
      std::ranges::find_if(one.facts.crypto_settings, [&](const auto& each) { return each.pid == call->pid && each.name == facts::kPrivateKey; });
  const std::string problem = setting == one.facts.crypto_settings.end() ? "" : setting->problem;
  const std::string why = problem.empty() ? fmt::format("{}({}) failed", call->call, files) : problem;
  Fires out{fmt::format("{} could not load its own certificate and key: {}", who(one.process), why), {}};
  out.evidence.push_back({fmt::format("{}({}) gave {}", call->call, files, call->result.value_or(0)), call->library, "", "process"});
  if (!problem.empty()) out.evidence.push_back({problem, "", "", "model"});
  for (const facts::TrustCall& each : one.facts.trust_calls)
    if (each.pid == call->pid && facts::loads_own_key(each) && !failed(each) && !each.arguments.empty())
      out.evidence.push_back({fmt::format("{}({}) went well", each.call, base::join(each.arguments, ", ")), each.library, "", "process"});
  return out;
}

}  // namespace

const Rule kTw410ClientKeyMismatch{kCode,
                                   kName,
                                   "the program's own certificate and key do not belong together, or can't be read",
                                   R"(What it means
  The program was given a certificate of its own and a private key, to show who it is, and its TLS library refused
  them: the key belongs to another certificate, is encrypted, is no key, or may not be read. The program fails
  before it connects ("key values mismatch", curl's status 58).

How it is seen
  The call that loads the certificate or the key failed inside the process; the public keys of both files are
  compared. Nothing of a private key is kept or printed.

What proves it
  Nothing is tried: that the keys differ is arithmetic.

What to do
  Give the key that the certificate was issued for, first the leaf in a file with its chain, and no password where
  nobody can type it. After a renewal both files have to be replaced.
)",
                                   {},
                                   judge};

}  // namespace tlswhy::rules
