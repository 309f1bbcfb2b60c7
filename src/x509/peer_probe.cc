#include "x509/peer_probe.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

#include "base/socket.h"

namespace tlswhy::x509 {

using base::Code;
using base::fail;
using base::Result;

namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

std::vector<std::vector<std::uint8_t>> chain_of(const SSL* session) {
  std::vector<std::vector<std::uint8_t>> out;
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(session);
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    const X509* certificate = sk_X509_value(chain, i);
    std::vector<std::uint8_t> der(static_cast<std::size_t>(std::max(0, i2d_X509(certificate, nullptr))));
    unsigned char* at = der.data();
    i2d_X509(certificate, &at);
    out.push_back(std::move(der));
  }
  return out;
}

std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text != nullptr ? text : "the peer closed the connection";
}

// Verification is off on purpose: the chain is only looked at, no data is exchanged. Old protocols and
// weak keys are let in for the same reason.
Context make_context() {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_LEGACY_SERVER_CONNECT);
  return context;
}

}  // namespace

Result<ProbeAnswer> probe_peer(const ProbeRequest& request) {
  TRY(socket, base::connect_tcp(request.address, request.port, request.timeout_ms));
  const std::string place = fmt::format("{}:{}", request.address, request.port);
  const Context context = make_context();
  if (!context) return fail(Code::kSystem, reason(), place);
  const Session session(SSL_new(context.get()), SSL_free);
  if (request.before) TRY_VOID(request.before(socket.get()));
  if (request.version != 0) {
    SSL_set_min_proto_version(session.get(), request.version);
    SSL_set_max_proto_version(session.get(), request.version);
  }
  if (!session || SSL_set_fd(session.get(), socket.get()) != 1) return fail(Code::kSystem, reason(), place);
  if (!request.servername.empty())
    SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(request.servername.c_str()));
  ERR_clear_error();
  const int connected = SSL_connect(session.get());
  ProbeAnswer answer{SSL_get_version(session.get()), chain_of(session.get())};
  if (connected != 1 && answer.chain.empty()) return fail(Code::kMalformed, reason(), place);
  ERR_clear_error();
  return answer;
}

}  // namespace tlswhy::x509
