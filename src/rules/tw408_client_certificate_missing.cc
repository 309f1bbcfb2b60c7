#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW408";
constexpr std::string_view kName = "client_certificate_missing";
constexpr std::array kReasons{facts::Reason::kClientCertificate, facts::Reason::kProtocol};
constexpr int kRequired = 116;

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const bool required = shake.alert && shake.alert->code == kRequired;
  if (!required && !(shake.certificate_requested && shake.client_certificate == "none")) return Silent{};
  if (shake.client_certificate == "sent") return Silent{};
  const bool by_server = shake.alert ? shake.alert->sender == "server" : shake.ended_by == "server";
  if (!by_server) return Silent{};
  Fires out{fmt::format("{} asks for a client certificate, and {} sent none", peer_name(shake), who(one.process)), {}};
  if (shake.client_certificate == "none")
    out.evidence.push_back({"the client was asked for a certificate, and its answer was an empty list", "", "", "wire"});
  if (shake.alert && shake.alert->code)
    out.evidence.push_back({fmt::format("then the server ended it with alert {} ({})", *shake.alert->code, shake.alert->name), "", "", "wire"});
  else if (shake.alert)
    out.evidence.push_back({"then the server ended it with an alert that can't be read", "", "", "wire"});
  else
    out.evidence.push_back({"then the server ended the connection", "", "", "wire"});
  if (!shake.requested_authorities.empty())
    out.evidence.push_back({"it takes certificates that are issued by: " + base::join(shake.requested_authorities, "; "), "", "",
                            shake.chain_from == "probe" ? "probe" : "wire"});
  if (shake.own_chain) out.evidence.push_back({"the client had one loaded, and did not send it", "", "", "process"});
  return out;
}

}  // namespace

const Rule kTw408ClientCertificateMissing{kCode,
                                          kName,
                                          "the server asks for a client certificate, and none was sent",
                                          R"(What it means
  The server lets only clients in that show a certificate (mutual TLS). The program had none to send, or kept back the one it
  had because none of the authorities that the server named has issued it.

How it is seen
  The server's CertificateRequest, the client's empty answer, and the alert after that: certificate_required (116) under TLS
  1.3, handshake_failure (40) or bad_certificate (42) before. Under TLS 1.3 the answer is told by its size.

What proves it
  Nothing is changed: the certificate that is wanted is not there to be tried. The server's own alert, or its end of the
  connection right after the empty list, is the witness.

What to do
  Give the program a certificate and its key: --cert and --key of curl, load_cert_chain() in Python, cert and key in node,
  -Djavax.net.ssl.keyStore for Java. It has to be issued by an authority that the server names, for clientAuth.
)",
                                          kReasons,
                                          judge};

}  // namespace tlswhy::rules
