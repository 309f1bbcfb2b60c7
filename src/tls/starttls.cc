#include "tls/starttls.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"

namespace tlswhy::tls {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kMaxAnswer = 64U << 10;

// The LDAP StartTLS extended request, message 1, and the same for PostgreSQL's SSLRequest.
constexpr std::string_view kLdapRequest(
    "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
    "1.3.6.1.4.1.1466.20037",
    31);
constexpr std::string_view kPostgresRequest("\0\0\0\x08\x04\xd2\x16\x2f", 8);

constexpr std::array<std::string_view, 7> kProtocols{"smtp", "imap", "pop3", "ftp", "xmpp", "ldap", "postgres"};

class Talk {
 public:
  explicit Talk(int socket) : socket_(socket) {}

  Result<void> say(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t put = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return base::fail_errno(errno, "can't ask for TLS");
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
  }

  // Byte by byte: nothing behind the answer may be taken, it would belong to TLS.
  Result<char> one() const {
    char c = 0;
    ssize_t got = 0;
    while ((got = ::recv(socket_, &c, 1, 0)) < 0 && errno == EINTR) {
    }
    if (got == 0) return fail(Code::kUnsupported, "the server closed the connection before TLS");
    if (got < 0) return fail(errno == EAGAIN ? Code::kTimeout : Code::kSystem, "no answer before TLS");
    return c;
  }

  Result<std::string> until(std::string_view end) const {
    std::string out;
    while (!out.ends_with(end)) {
      if (out.size() >= kMaxAnswer) return fail(Code::kLimit, "an answer without an end");
      TRY(c, one());
      out.push_back(c);
    }
    return out;
  }

  // Lines of a reply "250-…", "250 …": the last one (RFC 5321 §4.2).
  Result<void> reply(std::string_view code) const {
    for (;;) {
      TRY(line, until("\n"));
      if (line.size() > 3 && line[3] == '-') continue;
      if (line.starts_with(code)) return {};
      return refused(line);
    }
  }

  static std::unexpected<base::Error> refused(std::string_view answer) {
    while (!answer.empty() && (answer.back() == '\n' || answer.back() == '\r')) answer.remove_suffix(1);
    return fail(Code::kUnsupported, "the server does not start TLS: " + base::printable(answer, 200));
  }

 private:
  int socket_;
};

Result<void> smtp(const Talk& talk) {
  TRY_VOID(talk.reply("220"));
  TRY_VOID(talk.say("EHLO tlswhy.invalid\r\n"));
  TRY_VOID(talk.reply("250"));
  TRY_VOID(talk.say("STARTTLS\r\n"));
  return talk.reply("220");
}

Result<void> imap(const Talk& talk) {
  TRY_VOID(talk.until("\n"));  // its greeting
  TRY_VOID(talk.say("a STARTTLS\r\n"));
  for (;;) {
    TRY(line, talk.until("\n"));
    if (line.starts_with("* ")) continue;
    if (line.starts_with("a OK")) return {};
    return Talk::refused(line);
  }
}

Result<void> pop3(const Talk& talk) {
  TRY_VOID(talk.until("\n"));  // its greeting
  TRY_VOID(talk.say("STLS\r\n"));
  TRY(line, talk.until("\n"));
  if (line.starts_with("+OK")) return {};
  return Talk::refused(line);
}

Result<void> ftp(const Talk& talk) {
  TRY_VOID(talk.reply("220"));
  TRY_VOID(talk.say("AUTH TLS\r\n"));
  return talk.reply("234");
}

Result<void> xmpp(const Talk& talk, const std::string& name) {
  TRY_VOID(talk.say("<?xml version='1.0'?><stream:stream to='" + name +
                    "' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"));
  TRY(features, talk.until("</stream:features>"));
  if (features.find("urn:ietf:params:xml:ns:xmpp-tls") == std::string::npos) return Talk::refused("it offers none");
  TRY_VOID(talk.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
  TRY(answer, talk.until(">"));
  if (answer.find("<proceed") != std::string::npos) return {};
  return Talk::refused(answer);
}

// An ExtendedResponse: its result code is the first ENUMERATED (tag 10, length 1), 0 for success.
Result<void> ldap(const Talk& talk) {
  TRY_VOID(talk.say(kLdapRequest));
  TRY(tag, talk.one());
  TRY(size, talk.one());
  std::string body;
  if (tag != 0x30 || static_cast<unsigned char>(size) > 127) return Talk::refused("no LDAP answer");
  for (int i = 0; i < size; ++i) {
    TRY(c, talk.one());
    body.push_back(c);
  }
  const std::size_t at = body.find(std::string_view("\x0a\x01", 2));
  if (at != std::string::npos && at + 2 < body.size() && body[at + 2] == 0) return {};
  return Talk::refused("the extended request failed");
}

Result<void> postgres(const Talk& talk) {
  TRY_VOID(talk.say(kPostgresRequest));
  TRY(answer, talk.one());
  if (answer == 'S') return {};
  return Talk::refused(std::string_view(&answer, 1));
}

}  // namespace

std::span<const std::string_view> starttls_protocols() { return kProtocols; }

Result<void> start_tls(int socket, std::string_view protocol, const std::string& name) {
  const Talk talk(socket);
  if (protocol == "smtp") return smtp(talk);
  if (protocol == "imap") return imap(talk);
  if (protocol == "pop3") return pop3(talk);
  if (protocol == "ftp") return ftp(talk);
  if (protocol == "xmpp") return xmpp(talk, name);
  if (protocol == "ldap") return ldap(talk);
  if (protocol == "postgres") return postgres(talk);
  return fail(Code::kUsage, "no such protocol", std::string(protocol));
}

}  // namespace tlswhy::tls
