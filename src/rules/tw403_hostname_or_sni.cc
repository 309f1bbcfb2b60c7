#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW403";
constexpr std::string_view kName = "hostname_or_sni";
constexpr std::array kReasons{facts::Reason::kName};

// A name that the certificate is good for: a wildcard stands for one label.
std::string good_name(const facts::Certificate& leaf) {
  if (leaf.names.empty()) return "";
  const std::string& name = leaf.names.front();
  return name.starts_with("*.") ? "www" + name.substr(1) : name;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  if (shake.chain.empty()) return Unknown{"for which names the peer's certificate is", "its chain was not seen"};
  const facts::Certificate& leaf = shake.chain.front();
  const std::string asked = !shake.expected_name.empty() ? shake.expected_name
                            : !shake.servername.empty()  ? shake.servername
                                                         : shake.peer.substr(0, shake.peer.rfind(':'));
  const std::string names = leaf.names.empty() ? "no name at all" : base::join(leaf.names, ", ");
  Fires out{fmt::format("{} asked for {}, and the certificate of {} is for {}", who(one.process), asked, shake.peer, names), {}};
  out.evidence.push_back({fmt::format("{} is for {}", leaf.subject, names), "", "", shake.chain_from});
  out.evidence.push_back(
      {shake.servername.empty() ? "the client sent no server name (SNI)" : "the client sent the server name (SNI) " + shake.servername, "", "",
       "wire"});
  if (shake.verify) out.evidence.push_back(about_verdict(one));
  if (const std::string name = good_name(leaf); !name.empty()) out.change.edits.push_back({findings::EditKind::kPeerName, "", name});
  return out;
}

}  // namespace

const Rule kTw403HostnameOrSni{kCode,
                               kName,
                               "the certificate is not for the name that was asked for",
                               R"(What it means
  The chain is trusted, but the leaf names other hosts than the one that the client asked for: a wrong URL or address, a
  certificate that lacks a name, or a server that gives its default certificate since no server name (SNI) was sent.

How it is seen
  The name that the client asked for, the server name that it sent, and the names in the leaf (subjectAltName).

What proves it
  The same chain passes in the same library when it is asked for under a name of the leaf, with nothing else changed.

What to do
  Use a name of the certificate, or have one issued with the name that clients use. For an address, the certificate needs
  it as an IP subjectAltName.
)",
                               kReasons,
                               judge};

}  // namespace tlswhy::rules
