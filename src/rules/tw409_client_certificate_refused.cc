#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW409";
constexpr std::string_view kName = "client_certificate_refused";
constexpr std::array kReasons{facts::Reason::kClientCertificate, facts::Reason::kProtocol};

bool is_issued_by(const facts::Certificate& certificate, const std::vector<std::string>& authorities) {
  return std::ranges::find(authorities, certificate.issuer) != authorities.end();
}

// What is wrong with the client's chain as it was sent; "" where nothing can be seen.
std::string fault_of(const Case& one) {
  const facts::Handshake& shake = *one.handshake;
  const std::string& now = one.facts.observed_at;
  for (const facts::Certificate& certificate : shake.client_chain) {
    if (!now.empty() && certificate.not_after < now) return fmt::format("{} is out of date since {}", certificate.subject, certificate.not_after);
    if (!now.empty() && certificate.not_before > now) return fmt::format("{} is not valid before {}", certificate.subject, certificate.not_before);
  }
  if (shake.client_chain.empty()) return "";
  const facts::Certificate& leaf = shake.client_chain.front();
  const auto& purposes = leaf.purposes;
  const auto allows = [&](const char* purpose) { return std::ranges::find(purposes, purpose) != purposes.end(); };
  if (!purposes.empty() && !allows("clientAuth") && !allows("anyExtendedKeyUsage"))
    return fmt::format("{} is for {}, not for clientAuth", leaf.subject, base::join(purposes, ", "));
  const facts::Certificate& last = shake.client_chain.back();
  if (shake.requested_authorities.empty() || is_issued_by(last, shake.requested_authorities)) return "";
  const bool issuer_left_out = shake.client_chain.size() == 1 && !last.self_issued;
  return fmt::format("{} is issued by {}, which the server does not name among its authorities{}", last.subject, last.issuer,
                     issuer_left_out ? ": an intermediate was not sent along, or it is of another authority" : "");
}

std::string by_alert(int code) {
  switch (code) {
    case 43: return "the server does not take this kind of certificate";
    case 44: return "the server says that it is revoked";
    case 45: return "the server says that it is out of date";
    case 48: return "the server does not know its issuer: an intermediate was not sent along, or it is of another authority";
    default: return "";
  }
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::Handshake& shake = *one.handshake;
  const bool sent = shake.client_certificate == "sent" || !shake.client_chain.empty() || shake.own_chain;
  const bool by_server = shake.alert ? shake.alert->sender == "server" : shake.ended_by == "server";
  if (!shake.certificate_requested || !sent || shake.client_certificate == "none" || !by_server) return Silent{};
  const int code = shake.alert ? shake.alert->code.value_or(0) : 0;
  std::string fault = fault_of(one);
  if (fault.empty()) fault = by_alert(code);
  Fires out{fmt::format("{} refused the client certificate that {} sent{}", peer_name(shake), who(one.process), fault.empty() ? "" : ": " + fault),
            {}};
  if (code != 0)
    out.evidence.push_back(
        {fmt::format("the server ended it with alert {} ({}) after the client's certificate", code, shake.alert->name), "", "", "wire"});
  else
    out.evidence.push_back({shake.alert ? "the server ended it with an alert that can't be read, after the client's certificate"
                                        : "the server ended the connection after the client's certificate",
                            "", "", "wire"});
  for (const facts::Certificate& certificate : shake.client_chain)
    out.evidence.push_back(
        {fmt::format("sent: {}, issued by {}, valid from {} to {}{}", certificate.subject, certificate.issuer, certificate.not_before,
                     certificate.not_after, certificate.purposes.empty() ? "" : ", for " + base::join(certificate.purposes, ", ")),
         "", "", "wire"});
  if (shake.client_chain.size() == 1 && !shake.client_chain.front().self_issued)
    out.evidence.push_back({"it was sent alone, without an intermediate", "", "", "wire"});
  if (shake.own_chain && shake.own_chain->code != 0)
    out.evidence.push_back(
        {"the client's library could not complete the chain of its own certificate either: " + shake.own_chain->text, one.stack.path, "", "process"});
  if (!shake.requested_authorities.empty())
    out.evidence.push_back({"the server takes certificates that are issued by: " + base::join(shake.requested_authorities, "; "), "", "",
                            shake.chain_from == "probe" ? "probe" : "wire"});
  return out;
}

}  // namespace

const Rule kTw409ClientCertificateRefused{kCode,
                                          kName,
                                          "the server refused the client's certificate",
                                          R"(What it means
  The server asks for a client certificate (mutual TLS), got one, and does not accept it: its intermediate was not sent along,
  it is out of date, it is not for clientAuth, or its issuer is not one that the server trusts. Libraries on the client's side
  only say "alert unknown ca" or "bad certificate", which reads as if the server's certificate were meant.

How it is seen
  The server's CertificateRequest with the authorities it takes, the chain that the client sent (clear text up to TLS 1.2, with
  a key log after that), and the server's alert after it.

What proves it
  Nothing is changed: it is the server that judges. Its alert is the witness, and what was sent shows the fault where it can.

What to do
  Send the whole chain: the certificate file of most programs takes the intermediates after the leaf. Else get a certificate
  that is in date, for clientAuth, of an authority that the server names; or have the server trust the issuer.
)",
                                          kReasons,
                                          judge};

}  // namespace tlswhy::rules
