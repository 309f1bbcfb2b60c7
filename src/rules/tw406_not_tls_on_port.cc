#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW406";
constexpr std::string_view kName = "not_tls_on_port";
constexpr std::array kReasons{facts::Reason::kProtocol};

struct Advice {
  std::string_view protocol, text;
};
// The ports are those of the IANA registry for the protocol over TLS.
constexpr std::array kAdvice{
    Advice{"HTTP", "ask for http:// here, or for https:// on the server's TLS port (443, often 8443); a proxy wants https_proxy=http://…"},
    Advice{"HTTP/2", "the server speaks HTTP/2 without TLS: use an insecure (plaintext) channel, or the server's TLS port"},
    Advice{"SSH", "this is the port of SSH: the TLS service has another port"},
    Advice{"SMTP", "SMTP begins in clear text here: use STARTTLS (`-starttls smtp`, --ssl-reqd with smtp://, SMTP.starttls()), or smtps on port 465"},
    Advice{"IMAP", "IMAP begins in clear text here: use STARTTLS (`-starttls imap`, --ssl-reqd with imap://), or imaps on port 993"},
    Advice{"POP3", "POP3 begins in clear text here: use STLS (`-starttls pop3`, --ssl-reqd with pop3://), or pop3s on port 995"},
    Advice{"FTP", "FTP begins in clear text here: use AUTH TLS (`-starttls ftp`, --ssl-reqd with ftp://), or ftps on port 990"},
    Advice{"XMPP", "XMPP begins in clear text here: use STARTTLS (`-starttls xmpp`), or port 5223"},
    Advice{"NNTP", "NNTP begins in clear text here: use STARTTLS (`-starttls nntp`), or nntps on port 563"},
    Advice{"LDAP", "LDAP begins in clear text here: use StartTLS (ldap:// with `-ZZ`), or ldaps:// on port 636"},
    Advice{"PostgreSQL", "PostgreSQL wants its SSLRequest before TLS: use a client of PostgreSQL with sslmode, or `-starttls postgres`"},
    Advice{"MySQL", "MySQL greets first and begins TLS when it is asked: use a client of MySQL with --ssl-mode, or `-starttls mysql`"},
    Advice{"Redis", "Redis answers in clear text here: use its tls-port, or a redis:// address"},
    Advice{"AMQP", "AMQP answers in clear text here: use amqps on port 5671, or an amqp:// address"},
};

std::string article(const std::string& protocol) {
  const bool vowel = !protocol.empty() && std::string_view("AEFHILMNORSX").find(protocol.front()) != std::string_view::npos;
  return vowel && protocol != "Redis" && protocol != "MySQL" ? "an " + protocol : "a " + protocol;
}

std::string title_of(const facts::Handshake& shake) {
  const std::string& protocol = shake.clear_answer->protocol;
  const bool proxy = shake.via.starts_with("CONNECT ");
  if (shake.offered.empty() && proxy)
    return fmt::format("the proxy {} refused the tunnel to {}: {}", shake.peer, shake.via.substr(8), shake.clear_answer->text);
  if (shake.offered.empty()) return fmt::format("{} refused to begin TLS: {}", shake.peer, shake.via);
  const std::string what = protocol.empty() ? "in clear text" : "as " + article(protocol) + " server";
  return fmt::format("{} does not speak TLS on this port: {} {}", peer_name(shake), proxy ? "what is after the proxy answered" : "it answered", what);
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->clear_answer) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const facts::ClearText& clear = *shake.clear_answer;
  Fires out{title_of(shake), {}};
  const std::string said = clear.text.empty() ? "" : fmt::format(": \"{}\"", clear.text);
  const char* asked = shake.offered.empty() ? "the request to begin TLS" : "the ClientHello";
  out.evidence.push_back(
      {fmt::format("{} was answered with clear text{}{}", asked, clear.protocol.empty() ? "" : ", " + clear.protocol, said), "", "", "wire"});
  if (shake.offered.empty()) return out;
  if (const auto row = std::ranges::find(kAdvice, clear.protocol, &Advice::protocol); row != kAdvice.end())
    out.evidence.push_back({std::string(row->text), "", "", "model"});
  if (const facts::HelloProbe* started = probe_of(shake, "STARTTLS")) {
    out.evidence.push_back({fmt::format("asked with {}, the peer answered {}", started->changed, started->answer), "", "", "probe"});
    if (started->answered) out.proof = proof_by(*started, "clear text: " + clear.protocol);
  }
  return out;
}

}  // namespace

const Rule kTw406NotTlsOnPort{kCode,
                              kName,
                              "the peer does not speak TLS on this port",
                              R"(What it means
  The client began a TLS handshake, and the server answered in another protocol: plain HTTP, a page of a proxy, the greeting
  of a mail server that wants STARTTLS, SSH, a database. Libraries call this "wrong version number" or "record overflow".

How it is seen
  The server's first bytes are no TLS record. They, and the protocol that begins so, are shown.

What proves it
  Where the protocol has a way to begin TLS (STARTTLS), the same port is asked in that way, and a handshake follows.

What to do
  Use the port on which the server speaks TLS, or the client's option for STARTTLS; or http:// where no TLS is wanted.
  Behind a proxy: its address is http://, also for https:// pages, unless the proxy itself speaks TLS.
)",
                              kReasons,
                              judge};

}  // namespace tlswhy::rules
