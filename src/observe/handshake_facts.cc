#include "observe/handshake_facts.h"

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

}  // namespace

facts::Handshake describe_conversation(const tls::Conversation& seen, const std::optional<tls::SeenAlert>& alert) {
  facts::Handshake out;
  if (const auto& hello = seen.client_hello()) out.servername = hello->servername, out.offered = hello->versions;
  if (const auto& hello = seen.server_hello()) out.version = hello->version;
  out.via = seen.prelude();
  const bool fatal = alert && (alert->encrypted || alert->level == 2);
  // A fatal alert that could be read ends a handshake that both sides had thought done, too (a refused client certificate).
  const bool undone = fatal && (!seen.completed() || (!alert->encrypted && seen.decrypted()));
  out.result = undone ? "failed" : seen.completed() ? "ok" : "incomplete";
  if (alert && (out.result != "ok" || alert->level == 1)) out.alert = describe(*alert);
  return out;
}

}  // namespace tlswhy::observe
