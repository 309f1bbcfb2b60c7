#include "facts/reasons.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "facts/outcome.h"

namespace tlswhy::facts {
namespace {

using enum Reason;

struct Row {
  int first, last;
  Reason reason;
};

// What is in no row is kOther: fields that can't be read, calls that are wrong.
constexpr std::array kOpenSsl{
    Row{0, 0, kAccepted},       Row{2, 2, kNoIssuer},                                  // of a certificate that the store gave
    Row{3, 3, kNoRevocation},                                                          // no CRL
    Row{8, 8, kNoRevocation},                                                          // one that is not signed well
    Row{9, 9, kNotYetValid},    Row{10, 10, kExpired},    Row{11, 12, kNoRevocation},  // a CRL of another time
    Row{18, 19, kSelfSigned},                                                          // the leaf, or a root that came with the chain
    Row{20, 21, kNoIssuer},     Row{22, 22, kConstraint},                              // chain too long
    Row{23, 23, kRevoked},      Row{24, 25, kConstraint},  // INVALID_CA to 1.1.1 (NO_ISSUER_PUBLIC_KEY since), PATH_LENGTH_EXCEEDED
    Row{26, 28, kPurpose},                                 // INVALID_PURPOSE, CERT_UNTRUSTED and CERT_REJECTED: what an anchor is marked for
    Row{32, 32, kConstraint},                              // KEYUSAGE_NO_CERTSIGN
    Row{33, 33, kNoRevocation},                            // UNABLE_TO_GET_CRL_ISSUER
    Row{34, 34, kConstraint},                              // UNHANDLED_CRITICAL_EXTENSION
    Row{35, 36, kNoRevocation},                            // KEYUSAGE_NO_CRL_SIGN, UNHANDLED_CRITICAL_CRL_EXTENSION
    Row{37, 43, kConstraint},                              // INVALID_NON_CA, proxies, key usage, extensions and policies
    Row{44, 44, kNoRevocation},                            // DIFFERENT_CRL_SCOPE
    Row{46, 49, kConstraint},                              // names and addresses that the issuer may not certify
    Row{50, 50, kOwnCheck},                                // APPLICATION_VERIFICATION
    Row{51, 53, kConstraint},                              // constraints that OpenSSL does not know
    Row{54, 54, kNoRevocation},                            // CRL_PATH_VALIDATION_ERROR
    Row{56, 61, kWeak},                                    // Suite B
    Row{62, 64, kName},                                    // host, mail address, IP address
    Row{66, 68, kWeak},                                    // leaf's key, issuer's key, issuer's digest
    Row{70, 70, kStoreRefused},                            // STORE_LOOKUP
    Row{72, 72, kConstraint},                              // PROXY_SUBJECT_NAME_VIOLATION
    Row{73, 75, kNoRevocation},                            // OCSP
    Row{76, 76, kWeak},                                    // UNSUPPORTED_SIGNATURE_ALGORITHM
    Row{79, 79, kConstraint},                              // INVALID_CA since 3.0
    Row{80, 94, kStrict},                                  // what X509_V_FLAG_X509_STRICT asks for
    Row{95, 95, kNoIssuer},                                // RPK_UNTRUSTED
};

// RFC 8446 §6; what is in no row says nothing of certificates and is kProtocol.
constexpr std::array kAlerts{
    Row{41, 43, kOther},                                                       // no_certificate (SSL 3), bad_certificate, unsupported_certificate
    Row{44, 44, kRevoked},        Row{45, 45, kExpired}, Row{46, 46, kOther},  // certificate_unknown
    Row{48, 48, kNoIssuer},       Row{49, 49, kOther},                         // access_denied
    Row{80, 80, kOther},                                                       // internal_error
    Row{90, 90, kOther},                                                       // user_canceled
    Row{111, 111, kOther},                                                     // certificate_unobtainable
    Row{113, 113, kNoRevocation}, Row{114, 114, kOther},                       // bad_certificate_status_response, bad_certificate_hash_value
};

Reason find(std::span<const Row> rows, int code, Reason otherwise) {
  const auto row = std::ranges::find_if(rows, [&](const Row& one) { return one.first <= code && code <= one.last; });
  return row == rows.end() ? otherwise : row->reason;
}

// A server that speaks of certificates means the client's; access_denied is what it may say of a name as well.
bool about_client_certificate(int code) {
  constexpr int kNone = 41, kUnknownAuthority = 48, kRequired = 116;
  return (code >= kNone && code <= 46) || code == kUnknownAuthority || code == kRequired;
}

}  // namespace

Reason reason_of_openssl(int code) { return find(kOpenSsl, code, kOther); }

Reason reason_of_verdict(std::string_view verdict) {
  if (verdict.empty()) return kUnknown;
  if (verdict == "ok" || verdict == "unverified") return kAccepted;
  if (verdict == "refused") return kStoreRefused;
  int code = 0;
  const auto [end, error] = std::from_chars(verdict.data(), verdict.data() + verdict.size(), code);
  // "untrusted" is all that is known of stacks that don't have OpenSSL's numbers.
  return error == std::errc() && end == verdict.data() + verdict.size() ? reason_of_openssl(code) : kOther;
}

std::string_view phrase_of(Reason reason) {
  switch (reason) {
    case Reason::kNoIssuer: return "no issuer of a certificate is found";
    case Reason::kSelfSigned: return "a self-signed certificate that is no trust anchor";
    case Reason::kExpired: return "a certificate has expired";
    case Reason::kNotYetValid: return "a certificate is not yet valid";
    case Reason::kName: return "the certificate is for another name";
    case Reason::kPurpose: return "a certificate is not for this purpose";
    case Reason::kConstraint: return "a constraint is broken";
    case Reason::kWeak: return "a key or an algorithm is too weak";
    case Reason::kRevoked: return "a certificate is revoked";
    case Reason::kStrict: return "a certificate lacks what strict checking asks for";
    case Reason::kNotParsed: return "it can't read a certificate";
    default: return "";
  }
}

Reason reason_of_alert(const Alert& alert) {
  if (!alert.code) return kUnknown;
  if (alert.sender == "server" && about_client_certificate(*alert.code)) return kClientCertificate;
  return find(kAlerts, *alert.code, kProtocol);
}

Verify openssl_verdict(int code, std::string text, int depth, std::string seen_by) {
  return {code, std::move(text), depth, std::move(seen_by), reason_of_openssl(code)};
}

Reason reason_of(const Handshake& handshake) {
  const Reason verdict = handshake.verify ? handshake.verify->reason : kUnknown;
  if (handshake.result != "failed") return verdict == kAccepted ? kAccepted : kUnknown;
  if (verdict != kUnknown && verdict != kAccepted) return verdict;
  if (handshake.clear_answer || was_cut(handshake) || ended_unclean(handshake)) return kProtocol;
  if (handshake.unused && !handshake.alert && !handshake.alpn_offered.empty()) return kProtocol;
  const Reason alert = handshake.alert ? reason_of_alert(*handshake.alert) : kUnknown;
  // Asked for its certificate, the client is what a server speaks of that then ends the handshake.
  const bool by_server = handshake.alert ? handshake.alert->sender == "server" : handshake.ended_by == "server";
  if (handshake.certificate_requested && by_server && (alert == kUnknown || alert == kProtocol)) return kClientCertificate;
  return alert;
}

bool is_about_chain(Reason reason) {
  constexpr std::array kAll{kNoIssuer, kSelfSigned, kExpired, kNotYetValid, kName, kPurpose, kConstraint, kWeak, kStrict, kNotParsed};
  return std::ranges::find(kAll, reason) != kAll.end();
}

bool is_beside_chain(Reason reason) { return reason == kProtocol || reason == kClientCertificate; }

bool wants_anchor(const Handshake& handshake) {
  const Reason reason = reason_of(handshake);
  if (reason != kUnknown) return reason == kNoIssuer || reason == kSelfSigned;
  const auto& alert = handshake.alert;
  return !handshake.verify && alert && alert->encrypted && alert->sender == "client";
}

}  // namespace tlswhy::facts
