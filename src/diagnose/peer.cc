#include "diagnose/peer.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "base/socket.h"
#include "base/text.h"
#include "tls/hello_probe.h"
#include "tls/starttls.h"

namespace tlswhy::diagnose {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr int kTimeoutMs = 5000;

struct DefaultPort {
  std::string_view protocol;
  unsigned port;
};
constexpr std::array kPorts{DefaultPort{"smtp", 25},   DefaultPort{"imap", 143}, DefaultPort{"pop3", 110},     DefaultPort{"ftp", 21},
                            DefaultPort{"xmpp", 5222}, DefaultPort{"ldap", 389}, DefaultPort{"postgres", 5432}};

bool is_address(const std::string& text) {
  std::array<std::uint8_t, 16> raw{};
  return ::inet_pton(AF_INET, text.c_str(), raw.data()) == 1 || ::inet_pton(AF_INET6, text.c_str(), raw.data()) == 1;
}

Result<std::vector<std::string>> look_up(const std::string& name) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0)
    return fail(Code::kNotFound, ::gai_strerror(error), base::printable(name));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  std::vector<std::string> out;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) out.emplace_back(text.data());
  }
  return out;
}

Result<void> split(const std::string& text, Peer& out) {
  std::string rest = text, port;
  if (rest.starts_with("https://")) rest = rest.substr(8, rest.find('/', 8) - 8);
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string::npos) return fail(Code::kUsage, "no ']' behind the address", base::printable(text));
    out.name = rest.substr(1, end - 1);
    if (end + 1 < rest.size() && rest[end + 1] == ':') port = rest.substr(end + 2);
  } else if (std::ranges::count(rest, ':') == 1) {
    out.name = rest.substr(0, rest.find(':'));
    port = rest.substr(rest.find(':') + 1);
  } else {
    out.name = rest;
  }
  if (port.empty()) return {};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size() || out.port == 0 || out.port > 65535)
    return fail(Code::kUsage, "no port number", base::printable(port));
  return {};
}

}  // namespace

Result<Peer> find_peer(const std::string& text, const std::string& servername, const std::string& starttls) {
  Peer out;
  out.starttls = starttls;
  if (const auto* row = std::ranges::find(kPorts, starttls, &DefaultPort::protocol); row != kPorts.end()) out.port = row->port;
  TRY_VOID(split(text, out));
  if (out.name.empty()) return fail(Code::kUsage, "no host name", base::printable(text));
  out.servername = !servername.empty() ? servername : is_address(out.name) ? "" : out.name;
  TRY(addresses, look_up(out.name));
  out.addresses = std::move(addresses);
  return out;
}

Result<facts::RecordedHandshake> ask(const Peer& peer, std::uint16_t version) {
  base::Error last{Code::kNotFound, "no address", peer.name, 0};
  for (const std::string& address : peer.addresses) {
    x509::ProbeRequest request{address, peer.port, peer.servername, kTimeoutMs, version, {}};
    if (!peer.starttls.empty()) request.before = [&](int socket) { return tls::start_tls(socket, peer.starttls, peer.name); };
    auto answer = x509::probe_peer(request);
    if (!answer) {
      last = answer.error();
      // The address answered, and this is what it said.
      if (last.code == Code::kMalformed || last.code == Code::kUnsupported) break;
      continue;
    }
    facts::RecordedHandshake out;
    out.facts.peer = base::endpoint_text(address, peer.port);
    out.facts.servername = peer.servername;
    out.facts.version = answer->version;
    out.facts.result = "ok";
    out.facts.chain_from = "probe";
    if (!peer.starttls.empty()) out.facts.via = "STARTTLS (" + peer.starttls + ")";
    out.chain = std::move(answer->chain);
    out.client_sent_data = true;
    return out;
  }
  return std::unexpected(last);
}

Result<facts::RecordedHandshake> ask_in_clear(const Peer& peer) {
  TRY(hello, x509::client_hello(peer.servername));
  for (const std::string& address : peer.addresses) {
    const tls::HelloAnswer answer = tls::send_hello(address, peer.port, hello, kTimeoutMs);
    if (!answer.clear) continue;
    facts::RecordedHandshake out;
    out.facts.peer = base::endpoint_text(address, peer.port);
    out.facts.servername = peer.servername;
    out.facts.offered = {"TLSv1.3", "TLSv1.2"};
    out.facts.hello_size = hello.size();
    out.facts.result = "failed";
    out.facts.clear_answer = facts::ClearText{answer.clear->protocol, answer.clear->text};
    out.hello = std::move(hello);
    return out;
  }
  return fail(Code::kNotFound, "it did not answer in clear text", peer.name);
}

}  // namespace tlswhy::diagnose
