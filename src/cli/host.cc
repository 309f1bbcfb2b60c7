#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "diagnose/analyse.h"
#include "diagnose/diagnose.h"
#include "diagnose/peer.h"
#include "diagnose/viewpoint.h"
#include "tls/starttls.h"

namespace tlswhy::cli {
namespace {

struct HostOptions {
  Options common;
  std::string host, servername, starttls, as;
};

struct Version {
  std::uint16_t number;
  const char* name;
};
constexpr std::array kVersions{Version{0x0304, "TLSv1.3"}, Version{0x0303, "TLSv1.2"}, Version{0x0302, "TLSv1.1"}, Version{0x0301, "TLSv1.0"}};

// A handshake for each version that the server speaks. The error of the newest one when it speaks none.
base::Result<facts::Recording> probe(const diagnose::Peer& peer) {
  facts::Recording out;
  std::optional<base::Error> first;
  for (const Version& version : kVersions) {
    auto answer = diagnose::ask(peer, version.number);
    if (answer)
      out.handshakes.push_back(std::move(*answer));
    else if (!first)
      first = answer.error();
    if (!answer && (answer.error().code == base::Code::kTimeout || answer.error().code == base::Code::kUsage)) break;
  }
  if (out.handshakes.empty() && first->code == base::Code::kMalformed && peer.starttls.empty())
    if (auto clear = diagnose::ask_in_clear(peer)) out.handshakes.push_back(std::move(*clear));
  if (out.handshakes.empty()) return std::unexpected(*first);
  return out;
}

base::Result<findings::Report> inspect(const HostOptions& options) {
  TRY(peer, diagnose::find_peer(options.host, options.servername, options.starttls));
  TRY(recording, probe(peer));
  auto eyes = diagnose::viewpoint(options.as.empty() ? "openssl" : options.as);
  if (!eyes && !options.as.empty()) return std::unexpected(eyes.error());
  if (eyes)
    for (auto& shake : recording.handshakes) shake.process = *eyes;
  diagnose::Analysis analysis = diagnose::analyse(std::move(recording), {false, true, ""});
  if (eyes && !diagnose::verify_as_seen(analysis) && !options.as.empty())
    return base::fail(base::Code::kUnsupported, analysis.facts.unseen.back(), options.as);
  findings::Report report = diagnose::conclude(analysis, {false});
  report.kind = facts::Kind::kHost;
  report.facts.target.command = {base::printable(options.host)};
  return report;
}

}  // namespace

int host_command(const std::vector<std::string>& arguments) {
  Arguments parser("Asks a server for its chain with every protocol version, and tells which stores of this machine trust it.", "tlswhy host");
  HostOptions options;
  parser.common(options.common);
  std::vector<std::string> protocols(tls::starttls_protocols().begin(), tls::starttls_protocols().end());
  parser.add("--servername", options.servername, "the name to ask for (SNI); HOST by default").type("NAME");
  parser.add("--starttls", options.starttls, "begin in clear text: " + base::join(protocols, ", ")).type("PROTOCOL").one_of(protocols);
  parser.add("--as", options.as, "verify as this program, process number or stack would (default: openssl, this machine's own)").type("WHO");
  parser.add("HOST", options.host, "HOST, HOST:PORT or [ADDRESS]:PORT; port 443 by default").required();
  parser.footer("Nothing but the handshake is sent.");
  if (const auto status = parser.parse(arguments)) return *status;
  return deliver(inspect(options), options.common);
}

}  // namespace tlswhy::cli
