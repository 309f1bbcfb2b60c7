#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW507";
constexpr std::string_view kName = "certificate_not_parsable";
constexpr std::array kReasons{facts::Reason::kNotParsed};

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  std::vector<std::string> lines;
  for (const facts::Certificate& each : shake.chain)
    for (const std::string& odd : each.oddities)
      lines.push_back(fmt::format("{} has {}", each.subject.empty() ? "a certificate without a name" : each.subject, odd));
  if (lines.empty()) return Unknown{"what " + one.stack.name + " can't read in the chain of " + shake.peer, "nothing odd was found in it"};
  Fires out{fmt::format("{} can't read a certificate of {} that others can: {}", one.stack.name, shake.peer, lines.front()), {}};
  for (const std::string& line : lines) out.evidence.push_back({line, "", "", shake.chain_from});
  if (shake.verify) out.evidence.push_back(about_verdict(one));
  if (shake.alert)
    out.evidence.push_back({fmt::format("the client ended it with alert {} ({})", shake.alert->code.value_or(0), shake.alert->name), "", "", "wire"});
  out.about = About::kChain;
  return out;
}

}  // namespace

const Rule kTw507CertificateNotParsable{kCode,
                                        kName,
                                        "this stack can not read a certificate that others can",
                                        R"(What it means
  Readers of certificates differ in what they put up with. A negative serial number, an extension that is there twice or an
  underscore in a name is passed over by one and ends the handshake in another.

How it is seen
  The client refused the chain without a verdict on its issuers, and the chain holds what this stack is known not to read.

What proves it
  The model of the stack refuses the chain for the same reason. There is nothing to change but the certificate.

What to do
  Issue the certificate anew. Some stacks have a switch (Go: GODEBUG=x509negativeserial=1).
)",
                                        kReasons,
                                        judge};

}  // namespace tlswhy::rules
