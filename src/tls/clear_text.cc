#include "tls/clear_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace tlswhy::tls {
namespace {

bool holds(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == (b >= 'a' && b <= 'z' ? b - 32 : b); };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

struct Opening {
  std::string_view begins, protocol;
};
// RFC 9112, 4253, 3501, 1939, 6120, AMQP 0-9-1 §2.2.4, the manuals of Redis, NATS and memcached.
constexpr std::array kOpenings{
    Opening{"HTTP/", "HTTP"},     Opening{"SSH-", "SSH"},       Opening{"* OK", "IMAP"},    Opening{"* BYE", "IMAP"},
    Opening{"* PREAUTH", "IMAP"}, Opening{"* BAD", "IMAP"},     Opening{"+OK", "POP3"},     Opening{"<?xml", "XMPP"},
    Opening{"<stream:", "XMPP"},  Opening{"AMQP", "AMQP"},      Opening{"INFO {", "NATS"},  Opening{"-ERR Protocol", "Redis"},
    Opening{"-ERR", "POP3"},      Opening{"-DENIED", "Redis"},  Opening{"RFB ", "VNC"},     Opening{"ERROR", "memcached"},
    Opening{"<html", "HTTP"},     Opening{"<!DOCTYPE", "HTTP"}, Opening{"@RSYNCD", "rsync"}};

// "220 ready" is what SMTP and FTP servers say first, "421 …" or "554 …" where they won't.
std::string_view three_digits(std::string_view text) {
  if (text.size() < 4 || !std::ranges::all_of(text.substr(0, 3), [](char c) { return c >= '0' && c <= '9'; })) return "";
  if (text[3] != ' ' && text[3] != '-') return "";
  if (holds(text, "FTP")) return "FTP";
  if (holds(text, "SMTP") || holds(text, "MAIL") || text.starts_with("554") || text.starts_with("521")) return "SMTP";
  if (text.starts_with("500") || text.starts_with("530")) return holds(text, "LOGIN") || holds(text, "LOG IN") ? "FTP" : "SMTP";
  if (text.starts_with("200") || text.starts_with("201")) return "NNTP";
  return text.starts_with("220") || text.starts_with("421") ? "SMTP" : "";
}

// Protocol version 10 after a packet's head with number 0 (MySQL manual, "Protocol::Handshake"), or its error packet.
bool is_mysql(bytes::View data) {
  if (data.size() < 5 || data[3] != 0 || data[2] != 0 || data[0] == 0) return false;
  return data[4] == 10 ? data.size() == 5 || (data[5] >= '0' && data[5] <= '9') : data[4] == 0xff && data.size() >= 8;
}

// An ErrorResponse: 'E', a length, and fields that begin with the severity (PostgreSQL manual, "Message Formats").
bool is_postgres(bytes::View data, std::string_view text) {
  if (data.size() >= 5 && data[0] == 'E' && data[1] == 0 && data[2] == 0 && (data.size() == 5 || data[5] == 'S')) return true;
  return text.starts_with("EFATAL:") || text.starts_with("Einvalid length of startup packet") || text.starts_with("Eunsupported frontend");
}

// A SETTINGS frame on stream 0 is what an HTTP/2 server says first (RFC 9113 §3.4).
bool is_http2(bytes::View data) {
  return data.size() >= 9 && data[0] == 0 && data[3] == 4 && data[4] == 0 && data[5] == 0 && data[6] == 0 && data[7] == 0 && data[8] == 0;
}

// A message of LDAP: SEQUENCE, message number, an answer of the server (RFC 4511 §4.1.1).
bool is_ldap(bytes::View data) {
  if (data.size() < 7 || data[0] != 0x30) return false;
  const std::size_t head = data[1] < 0x80 ? 2 : 2 + (data[1] & 0x7fU);
  return head + 3 < data.size() && head <= 6 && data[head] == 2 && data[head + 1] == 1 && (data[head + 3] & 0xe0U) == 0x60;
}

std::string first_line(std::string_view text) {
  constexpr std::size_t kLongest = 160;
  return base::printable(std::string(text.substr(0, text.find_first_of("\r\n"))), kLongest);
}

}  // namespace

ClearText name_clear_text(bytes::View server) {
  const std::string_view text(reinterpret_cast<const char*>(server.data()), server.size());
  if (is_mysql(server)) {
    const std::string_view version = server[4] == 10 ? text.substr(5, text.substr(5).find('\0')) : std::string_view();
    return {"MySQL", base::printable(std::string(version), 80)};
  }
  if (is_postgres(server, text)) return {"PostgreSQL", ""};
  if (is_http2(server)) return {"HTTP/2", ""};
  if (is_ldap(server)) return {"LDAP", ""};
  for (const Opening& row : kOpenings)
    if (text.substr(0, row.begins.size()).size() == row.begins.size() && holds(text.substr(0, row.begins.size()), row.begins))
      return {std::string(row.protocol), first_line(text)};
  const std::string_view mail = three_digits(text.substr(0, text.find('\n')));
  const bool words = !text.empty() && std::ranges::all_of(text.substr(0, std::min<std::size_t>(text.size(), 16)),
                                                          [](char c) { return (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t'; });
  return {std::string(mail), words ? first_line(text) : ""};
}

}  // namespace tlswhy::tls
