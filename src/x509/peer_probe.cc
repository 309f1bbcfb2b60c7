#include "x509/peer_probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/socket.h"
#include "base/text.h"
#include "x509/certificate.h"

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

// Called where the peer asks for a certificate: there is none.
int note_request(SSL* session, X509** /*certificate*/, EVP_PKEY** /*key*/) {
  *static_cast<bool*>(SSL_get_app_data(session)) = true;
  return 0;
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
  SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
  SSL_CTX_set1_groups_list(context.get(), "X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072");
  SSL_CTX_set_client_cert_cb(context.get(), note_request);
  return context;
}

using Clock = std::chrono::steady_clock;

// The handshake as far as it goes until the deadline, whatever the pace of the peer. False: the time is up.
bool shake_hands(SSL* session, int socket, Clock::time_point deadline, int& connected) {
  for (;;) {
    ERR_clear_error();
    connected = SSL_connect(session);
    const int wants = connected == 1 ? SSL_ERROR_NONE : SSL_get_error(session, connected);
    if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) return true;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{socket, static_cast<short>(wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) return false;
  }
}

void offer_protocols(SSL* session, const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& one : protocols)
    if (!one.empty() && one.size() < 256) list += static_cast<char>(one.size()) + one;
  if (!list.empty()) SSL_set_alpn_protos(session, reinterpret_cast<const unsigned char*>(list.data()), static_cast<unsigned>(list.size()));
}

std::string name_of(const X509_NAME* name) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  return X509_NAME_get0_der(name, &der, &size) == 1 ? text_of_name({der, size}) : "";
}

std::vector<std::string> authorities_of(const SSL* session) {
  constexpr int kMost = 100;
  std::vector<std::string> out;
  const STACK_OF(X509_NAME)* names = SSL_get_client_CA_list(session);
  for (int i = 0; names != nullptr && i < std::min(kMost, sk_X509_NAME_num(names)); ++i) out.push_back(name_of(sk_X509_NAME_value(names, i)));
  return out;
}

ProbeAnswer answer_of(SSL* session) {
  ProbeAnswer out{SSL_get_version(session), chain_of(session)};
  if (const SSL_CIPHER* cipher = SSL_get_current_cipher(session)) out.cipher = SSL_CIPHER_get_protocol_id(cipher);
  if (const auto group = SSL_get_negotiated_group(session); group > 0 && OBJ_nid2sn(static_cast<int>(group)) != nullptr)
    out.group = OBJ_nid2sn(static_cast<int>(group));
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session, &chosen, &size);
  if (size > 0) out.alpn = base::printable(std::string(reinterpret_cast<const char*>(chosen), size), 64);
  out.authorities = authorities_of(session);
  return out;
}

void ask_for(SSL* session, const std::string& servername) {
  if (!servername.empty()) SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(servername.c_str()));
}

}  // namespace

Result<std::vector<std::uint8_t>> client_hello(const std::string& servername) {
  const Context context = make_context();
  if (!context) return fail(Code::kSystem, reason(), "hello");
  const Session session(SSL_new(context.get()), SSL_free);
  BIO* sent = BIO_new(BIO_s_mem());
  if (!session || sent == nullptr) return fail(Code::kSystem, reason(), "hello");
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), sent);  // takes both
  ask_for(session.get(), servername);
  SSL_connect(session.get());
  ERR_clear_error();
  std::vector<std::uint8_t> out(BIO_ctrl_pending(sent));
  if (BIO_read(sent, out.data(), static_cast<int>(out.size())) <= 0) return fail(Code::kSystem, "no hello was made", "hello");
  return out;
}

Result<ProbeAnswer> probe_peer(const ProbeRequest& request) {
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(request.timeout_ms);
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
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  if (!session || SSL_set_fd(session.get(), socket.get()) != 1) return fail(Code::kSystem, reason(), place);
  ask_for(session.get(), request.servername);
  offer_protocols(session.get(), request.alpn);
  bool requested = false;
  SSL_set_app_data(session.get(), &requested);
  int connected = 0;
  const bool in_time = shake_hands(session.get(), socket.get(), deadline, connected);
  ProbeAnswer answer = answer_of(session.get());
  answer.certificate_requested = requested;
  if (!in_time && answer.chain.empty()) return fail(Code::kTimeout, "no answer in time", place);
  if (connected != 1 && answer.chain.empty()) return fail(Code::kMalformed, reason(), place);
  ERR_clear_error();
  return answer;
}

}  // namespace tlswhy::x509
