#include "tests/tls_pair.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>

#include "tests/pki.h"

namespace test {
namespace {

using tlswhy::tls::Conversation;
using tlswhy::tls::Side;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio memory(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

Context server_context(int version) {
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  const Bio chain = memory(authority().chain), key = memory(authority().key);
  const Certificate leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> private_key(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  SSL_CTX_use_certificate(context.get(), leaf.get());
  SSL_CTX_add0_chain_cert(context.get(), PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_PrivateKey(context.get(), private_key.get());
  return context;
}

Context client_context(bool trusted) {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const Bio text = memory(authority().root);
  const Certificate root(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free);
  if (trusted) X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root.get());
  return context;
}

void limit_suites(const Context& context, const PairOptions& options) {
  if (options.suites.empty()) return;
  SSL_CTX_set_security_level(context.get(), 0);  // CCM_8 has a tag of 64 bits
  if (options.version == TLS1_3_VERSION)
    SSL_CTX_set_ciphersuites(context.get(), options.suites.c_str());
  else
    SSL_CTX_set_cipher_list(context.get(), options.suites.c_str());
}

// Each line as a program would write it to SSLKEYLOGFILE; where to is kept in the context.
void log_secrets(const Context& context, std::string* to) {
  if (to == nullptr) return;
  SSL_CTX_set_app_data(context.get(), to);
  SSL_CTX_set_keylog_callback(context.get(), [](const SSL* ssl, const char* line) {
    *static_cast<std::string*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl))) += std::string(line) + "\n";
  });
}

Session session(const Context& context) {
  Session out(SSL_new(context.get()), SSL_free);
  SSL_set_bio(out.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  return out;
}

// Moves what `from` has written to `to`, showing it to the conversation.
bool move(SSL* from, SSL* to, Side sender, Conversation& seen, std::size_t piece) {
  std::array<std::uint8_t, 65536> buffer{};
  const int size = BIO_read(SSL_get_wbio(from), buffer.data(), static_cast<int>(buffer.size()));
  if (size <= 0) return false;
  BIO_write(SSL_get_rbio(to), buffer.data(), size);
  const tlswhy::bytes::View all(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t step = piece == 0 ? all.size() : piece;
  for (std::size_t at = 0; at < all.size(); at += step) seen.feed(sender, all.subspan(at, std::min(step, all.size() - at)));
  return true;
}

}  // namespace

Conversation converse(const PairOptions& options) {
  Conversation seen;
  seen.use_keys(options.keys);
  for (const Side side : {Side::kClient, Side::kServer})
    seen.feed(side, {reinterpret_cast<const std::uint8_t*>(options.preamble.data()), options.preamble.size()});
  const Context server_settings = server_context(options.version), client_settings = client_context(options.trusted);
  for (const Context* one : {&client_settings, &server_settings}) limit_suites(*one, options);
  log_secrets(client_settings, options.secrets);
  const Session server = session(server_settings), client = session(client_settings);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  SSL_ctrl(client.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>("unit.test"));
  bool moved = true;
  for (int round = 0; round < 20 && moved; ++round) {
    SSL_do_handshake(client.get());
    moved = move(client.get(), server.get(), Side::kClient, seen, options.piece);
    SSL_do_handshake(server.get());
    moved = move(server.get(), client.get(), Side::kServer, seen, options.piece) || moved;
    if (!options.client_answers) return seen;
  }
  if (SSL_is_init_finished(client.get()) == 1) {
    SSL_write(client.get(), "ping", 4);
    move(client.get(), server.get(), Side::kClient, seen, options.piece);
    SSL_write(server.get(), "pong", 4);
    move(server.get(), client.get(), Side::kServer, seen, options.piece);
  }
  return seen;
}

}  // namespace test
