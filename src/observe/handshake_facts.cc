#include "observe/handshake_facts.h"

#include "tls/names.h"

namespace tlswhy::observe {
namespace {

facts::Alert describe(const tls::SeenAlert& alert) {
  facts::Alert out;
  out.sender = alert.sender == tls::Side::kClient ? "client" : "server";
  out.encrypted = alert.encrypted;
  if (alert.encrypted) return out;
  out.level = alert.level == 2 ? "fatal" : "warning";
  out.code = alert.code;
  out.name = tls::alert_name(alert.code);
  return out;
}

// An encrypted alert after the handshake is close_notify, as far as it could be read; otherwise it is only known to be one.
void describe_ending(const tls::Conversation& seen, const std::optional<tls::SeenAlert>& fatal, facts::Handshake& out) {
  const auto by = fatal ? std::optional(fatal->sender) : seen.closed_by();
  if (!by) return;
  out.ended_by = *by == tls::Side::kClient ? "client" : "server";
  out.ended = !fatal && seen.decrypted() ? facts::Ending::kCloseNotify : facts::Ending::kAlert;
}

template <typename Name>
std::vector<std::string> names(const std::vector<std::uint16_t>& numbers, Name name) {
  std::vector<std::string> out;
  for (const std::uint16_t one : numbers) out.push_back(name(one));
  return out;
}

void describe_hellos(const tls::Conversation& seen, facts::Handshake& out) {
  if (const auto& hello = seen.client_hello()) {
    out.servername = hello->servername;
    out.offered = hello->versions;
    out.ciphers = names(hello->ciphers, tls::cipher_name);
    out.groups = names(hello->groups, tls::group_name);
    out.signatures = names(hello->signatures, tls::signature_name);
    out.alpn_offered = hello->alpn;
  }
  out.hello_size = seen.hello_size();
  if (const auto& hello = seen.server_hello()) {
    out.version = hello->version;
    out.cipher = tls::cipher_name(hello->suite);
  }
  out.alpn = seen.alpn();
  if (const auto clear = seen.clear_answer()) out.clear_answer = facts::ClearText{clear->protocol, clear->text};
}

void describe_client_certificate(const tls::Conversation& seen, facts::Handshake& out) {
  out.certificate_requested = seen.certificate_request() || seen.client_was_asked();
  if (const auto& chain = seen.client_chain())
    out.client_certificate = chain->empty() ? "none" : "sent";
  else if (seen.client_was_asked())
    out.client_certificate = seen.client_sent_no_certificate() ? "none" : "sent";
}

}  // namespace

facts::Handshake describe_conversation(const tls::Conversation& seen, const std::optional<tls::SeenAlert>& alert) {
  facts::Handshake out;
  describe_hellos(seen, out);
  describe_client_certificate(seen, out);
  out.via = seen.prelude();
  out.client_finished = seen.client_finished();
  out.client_sent_data = seen.client_sent_data();
  out.server_sent_data = seen.server_sent_data();
  const bool fatal = alert && (alert->encrypted || alert->level == 2);
  // A fatal alert that could be read, or that is all a server says, ends a handshake that both sides had thought done, too (a refused
  // client certificate).
  const bool undone = fatal && (!seen.completed() || !alert->encrypted || alert->sender == tls::Side::kServer);
  out.result = undone ? "failed" : seen.completed() ? "ok" : "incomplete";
  out.unused = seen.completed() && !undone && !out.client_sent_data && !seen.settled() && !(out.version != "TLSv1.3" && out.server_sent_data);
  describe_ending(seen, undone ? alert : std::nullopt, out);
  if (alert && (out.result != "ok" || alert->level == 1)) out.alert = describe(*alert);
  return out;
}

void keep_messages(const tls::Conversation& seen, facts::RecordedHandshake& out) {
  out.chain = seen.chain();
  if (seen.client_chain()) out.client_chain = *seen.client_chain();
  if (seen.certificate_request()) out.authorities = *seen.certificate_request();
  if (!seen.server_hello()) out.hello = seen.hello_message();
}

}  // namespace tlswhy::observe
