#include <fmt/format.h>

#include <array>

#include "facts/outcome.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW412";
constexpr std::string_view kName = "unclean_close";
constexpr std::array kReasons{facts::Reason::kProtocol};

// What the program said of it.
std::string words_of(const Case& one) {
  for (const facts::Connection& connection : one.facts.connections)
    if (connection.pid == one.process.pid && connection.peer == one.handshake->peer && connection.tls && !connection.error.empty())
      return connection.error;
  return "";
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !facts::ended_unclean(*one.handshake)) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  Fires out{fmt::format("{} ended the connection without a close_notify, and {} takes that for an error", peer_name(shake), who(one.process)), {}};
  out.evidence.push_back({fmt::format("the handshake was completed ({}) and data went over it", shake.version), "", "", "wire"});
  if (const std::string words = words_of(one); !words.empty()) out.evidence.push_back({"then the program said: " + words, "", "", "process"});
  if (shake.ended == facts::Ending::kReset) out.evidence.push_back({"the peer reset the connection", "", "ECONNRESET", "wire"});
  return out;
}

}  // namespace

const Rule kTw412UncleanClose{kCode,
                              kName,
                              "the peer ended the connection without close_notify, which the client takes for an error",
                              R"(What it means
  TLS ends with an alert of its own, close_notify, so that nobody can cut an answer short unnoticed. Many servers and load
  balancers just close. OpenSSL 3 reports that as "unexpected eof while reading", GnuTLS as "non-properly terminated", where
  OpenSSL 1.1.1 said nothing: the same program that worked before an upgrade fails after it. Trust is not concerned.

How it is seen
  The handshake was completed, data went, and what the program printed names the missing close_notify. A program that ended
  well is never told of.

What proves it
  Nothing is changed: it is the peer's end of the connection that was seen, and the program's own words about it.

What to do
  Mend the server, or what ends TLS before it, so that it sends close_notify; or have it tell the length of its answers. The
  client's own switch, where it has one: SSL_OP_IGNORE_UNEXPECTED_EOF (Options = IgnoreUnexpectedEOF in openssl.cnf),
  suppress_ragged_eofs in Python.
)",
                              kReasons,
                              judge};

}  // namespace tlswhy::rules
